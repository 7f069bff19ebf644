import type { AuditRecord } from '../core/audit.ts'
import type { BreachCounts } from '../core/breach.ts'
import { Distinct } from './distinct.ts'
import type { HistoryRow } from './history.ts'
import type { Store } from './store.ts'

/** Whose records, of when, and which actors' doings; `sinceMs`: from when on measures are counted. */
export type BreachQuestion = {
  readonly tenant: string
  readonly fromMs: number
  readonly toMs: number
  readonly actors: readonly string[] | null
  readonly sinceMs: number
}

const rowsPerPage = 1_000

type Counted = Pick<Store, 'historyPage' | 'audit'>

/**
 * Counts what a breach reaches, in pages: no cursor is open while something else gets its turn, and memory does not grow
 * with the store. Sealed parts are not opened.
 */
export async function countBreach(
  store: Counted,
  question: BreachQuestion,
  said: (rows: number) => void = () => undefined,
): Promise<BreachCounts> {
  const { tenant, fromMs, toMs } = question
  const tally = createTally()
  for (let from: HistoryRow | null = null; ; ) {
    const page: HistoryRow[] = store.historyPage(tenant, { fromMs, toMs, after: from }, rowsPerPage)
    for (const row of page) tally.take(row)
    said(tally.rows())
    from = page.at(-1) ?? null
    if (page.length < rowsPerPage) break
    await others()
  }
  return { ...tally.counts(), ...(await countAudit(store, question)) }
}

/** Lets whatever waits in this thread have its turn. */
const others = () => new Promise(resolve => setImmediate(resolve))

/** Counts rows by what they are about. */
export function createTally() {
  const [sessions, calls, visitors, callers] = [
    new Distinct(),
    new Distinct(),
    new Distinct(),
    new Distinct(),
  ]
  let [rows, views, engagements] = [0, 0, 0]
  const take = ({ event: { clear, session } }: HistoryRow) => {
    rows += 1
    if ('visitor' in clear) visitors.add(clear.visitor)
    if (clear.kind === 'hello' && session !== null) sessions.add(session)
    if (clear.kind === 'page' || (clear.kind === 'hello' && clear.page !== null)) views += 1
    if (clear.kind === 'engagement') engagements += 1
    if (clear.kind !== 'signal') return
    calls.add(`${clear.carrier} ${clear.call}`)
    if (clear.a !== null) callers.add(clear.a)
  }
  const exactly = (count: number) => ({ count, plusMinus: 0 })
  const counts = () => ({
    rows,
    records: {
      ...{ session: sessions.count(), 'page-view': exactly(views) },
      ...{ engagement: exactly(engagements), call: calls.count() },
    },
    visitors: visitors.count(),
    callers: callers.count(),
  })
  return { take, counts, rows: () => rows }
}

/** What the actors did in the time of the scope, and what was done since it is known. */
async function countAudit(
  store: Counted,
  question: BreachQuestion,
): Promise<Pick<BreachCounts, 'acted' | 'measures' | 'auditRecords'>> {
  const { tenant, fromMs, toMs, sinceMs } = question
  const actors = new Set(question.actors ?? [])
  const subjects = new Distinct()
  const actions = new Map<string, number>()
  const measures = new Map<string, number>()
  let [records, read] = [0, 0]
  const take = (record: AuditRecord) => {
    const { atMs, action, actor, counts } = record
    if (atMs >= sinceMs) measures.set(action, (measures.get(action) ?? 0) + 1)
    if (!actors.has(actor) || atMs < fromMs || atMs >= toMs) return
    actions.set(action, (actions.get(action) ?? 0) + 1)
    records += counts.records ?? counts.rows ?? 0
    for (const subject of record.subjects) subjects.add(subject)
  }
  for (;;) {
    const page = store.audit(tenant, read, rowsPerPage)
    for (const record of page) take(record)
    read += page.length
    if (page.length < rowsPerPage) break
    await others()
  }
  const acted = { actions: Object.fromEntries(actions), records, subjects: subjects.count() }
  return {
    acted: question.actors === null ? null : acted,
    measures: Object.fromEntries(measures),
    auditRecords: read,
  }
}
