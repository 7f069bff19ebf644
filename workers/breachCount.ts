import type { AuditRecord } from '../core/audit.ts'
import { type BreachCounts, handingOut } from '../core/breach.ts'
import { Distinct } from './distinct.ts'
import type { Place } from './history.ts'
import { createRests } from './rounds.ts'
import type { Store } from './store.ts'
import { createTally } from './tally.ts'

/** Whose records, of when, and which actors' doings; `sinceMs`: from when on measures are counted. */
export type BreachQuestion = {
  readonly tenant: string
  readonly fromMs: number
  readonly toMs: number
  readonly actors: readonly string[] | null
  readonly sinceMs: number
}

/** About a millisecond of work: so long others wait at most. */
const rowsPerPage = 400

type Counted = Pick<Store, 'seeHistory' | 'audit'>

/**
 * Counts what a breach reaches, in pages: no cursor is open while something else gets its turn, and memory does not grow
 * with the store. It takes half of the thread's time at most. Sealed parts are not opened.
 */
export async function countBreach(
  store: Counted,
  question: BreachQuestion,
  said: (rows: number) => void = () => undefined,
): Promise<BreachCounts> {
  const { tenant, fromMs, toMs } = question
  const tally = createTally()
  const rest = createRests()
  let after: Place | null = null
  do {
    after = store.seeHistory(tenant, { fromMs, toMs, after }, rowsPerPage, (_, lent) => tally.take(lent))
    said(tally.rows())
    await rest()
  } while (after !== null)
  return { ...tally.counts(), ...(await countAudit(store, question)) }
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
  let [records, uncounted, read] = [0, 0, 0]
  let isConfigured = false
  const rest = createRests()
  const take = (record: AuditRecord) => {
    const { atMs, action, actor, counts } = record
    // A tenant begins with one: it is nothing that was done about a breach.
    const isFirst = action === 'configured' && !isConfigured
    isConfigured ||= action === 'configured'
    if (atMs >= sinceMs && !isFirst) measures.set(action, (measures.get(action) ?? 0) + 1)
    if (!actors.has(actor) || atMs < fromMs || atMs >= toMs) return
    actions.set(action, (actions.get(action) ?? 0) + 1)
    if (!handingOut.includes(action)) return
    records += counts.records ?? 0
    uncounted += Number(counts.records === undefined)
    for (const subject of record.subjects) subjects.add(subject)
  }
  for (;;) {
    const page = store.audit(tenant, read, rowsPerPage)
    for (const record of page) take(record)
    read += page.length
    if (page.length < rowsPerPage) break
    await rest()
  }
  const acted = { actions: Object.fromEntries(actions), records, subjects: subjects.count(), uncounted }
  return {
    acted: question.actors === null ? null : acted,
    measures: Object.fromEntries(measures),
    auditRecords: read,
  }
}
