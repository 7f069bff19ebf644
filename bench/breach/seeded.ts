import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { openEnvironment, transact } from '../../config/lmdb.ts'
import { pack } from '../../config/pack.ts'
import type { Input } from '../../core/input.ts'
import type { HistoryKey, HistoryRow } from '../../workers/history.ts'
import type { Store } from '../../workers/store.ts'

/**
 * A partition's history whose truth is known because it is made by rule: visits of three tenants, one after the other,
 * each with page views, some with a form, some with a call of three signals.
 */
export const seededTenants = ['acme', 'other', 'third'] as const
export type SeededTenant = (typeof seededTenants)[number]

export const seededFromMs = Date.UTC(2026, 8, 1)
export const seededSpanMs = 60 * 86_400_000
const sealedBytes = 300

type Made = {
  readonly tenant: SeededTenant
  readonly kind: 'hello' | 'page' | 'engagement' | 'signal'
  readonly visitor: number
  readonly visit: number
  /** null: no call, or a caller who withheld the number. */
  readonly caller: number | null
}

/** The same rows each time, in log order; `rows` of them. */
export function* seededFacts(
  rows: number,
): Generator<Made & { readonly atMs: number; readonly row: number }> {
  const chance = chanceFrom(42)
  let row = 0
  const atMs = () => seededFromMs + Math.floor((row / rows) * seededSpanMs)
  for (let visit = 0; row < rows; visit++) {
    const draw = chance()
    const tenant = draw < 0.8 ? 'acme' : draw < 0.95 ? 'other' : 'third'
    const visitor = Math.floor(chance() * rows * 0.12)
    const caller = chance() < 0.1 ? null : Math.floor(chance() * rows * 0.02)
    const common = { tenant, visitor, visit, caller } as const
    const pages = Math.floor(chance() * 6)
    const kinds = ['hello', ...Array<'page'>(pages).fill('page')] as Made['kind'][]
    if (chance() < 0.2) kinds.push('engagement')
    if (chance() < 0.1) kinds.push('signal', 'signal', 'signal')
    for (const kind of kinds) {
      if (row >= rows) return
      yield { ...common, kind, atMs: atMs(), row }
      row += 1
    }
  }
}

function chanceFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const idOf = (kind: string, number: number) =>
  createHash('sha256').update(`${kind} ${number}`).digest('base64url').slice(0, 22)

function rowOf(made: Made & { atMs: number; row: number }, states: Map<number, number>): HistoryRow {
  const { tenant, kind, visitor, visit, caller, atMs, row } = made
  const session = kind === 'signal' ? null : idOf(`session ${tenant}`, visit)
  const from = { tenant, site: `${tenant}-shop`, visitor: idOf(`visitor ${tenant}`, visitor) }
  const common = { ...from, freshSession: session, session, tab: 't', targets: null }
  const source = { source: 'google', medium: 'cpc', campaign: 'spring', content: null, keyword: null }
  const told = (states.get(visit) ?? 0) + 1
  if (kind === 'signal') states.set(visit, told)
  const clears = {
    hello: { kind, ...common, page: { id: 1, source } },
    page: { kind, ...common, page: { id: row, source } },
    engagement: {
      kind,
      ...common,
      id: row,
      action: 'submit',
      number: null,
      contacts: [idOf('entered', row)],
    },
    signal: {
      ...{ kind, tenant, carrier: 'generic', call: `call-${visit}`, b: '+4570101010', c: null, reason: null },
      ...{ state: ['ring', 'answer', 'end'][told - 1], statedAt: null, takenAt: atMs, spooled: false },
      a: caller === null ? null : idOf(`caller ${tenant}`, caller),
    },
  }
  const clear = clears[kind] as unknown as Input
  const personal = Buffer.alloc(sealedBytes, row & 255)
  return { tenant, atMs, sequence: row + 1, index: 0, event: { clear, personal, session } }
}

const rowsPerCommit = 2_000

/** Puts the rows into a store by its own commits. */
export async function fillStore(store: Store, rows: number, said: (rows: number) => void): Promise<void> {
  const states = new Map<number, number>()
  let waiting: HistoryRow[] = []
  let expected = 0
  const flush = async () => {
    const sequence = waiting.at(-1)?.sequence ?? expected
    const position = { sequence, rules: 1, log: 'seeded', mark: null }
    const nothing = { rows: [], access: [], erasures: [], breaches: [], audit: [], rectifications: [] }
    await store.commit({ ...nothing, history: waiting, position, expected })
    expected = sequence
    waiting = []
    said(sequence)
  }
  for (const made of seededFacts(rows)) {
    waiting.push(rowOf(made, states))
    if (waiting.length >= rowsPerCommit) await flush()
  }
  if (waiting.length > 0) await flush()
}

/**
 * The same rows without the names under which they are found again, ten times as fast: a count does not read those. For a
 * store that is not opened by anybody else.
 */
export async function fillLean(dataDir: string, rows: number, said: (rows: number) => void): Promise<void> {
  const root = openEnvironment<HistoryKey>(join(dataDir, 'partitions', '000'))
  const states = new Map<number, number>()
  let waiting: HistoryRow[] = []
  const flush = async () => {
    await transact(root, changes => {
      for (const { tenant, atMs, sequence, index, event } of waiting)
        changes.put(['history', tenant, atMs, sequence, index], pack(event))
    })
    said(waiting.at(-1)?.sequence ?? 0)
    waiting = []
  }
  for (const made of seededFacts(rows)) if (waiting.push(rowOf(made, states)) >= rowsPerCommit) await flush()
  if (waiting.length > 0) await flush()
  await root.close()
}

export type Truth = {
  readonly rows: number
  readonly records: Readonly<Record<'session' | 'page-view' | 'engagement' | 'call', number>>
  readonly visitors: number
  readonly callers: number
}

/** What a count has to say, from the rule and by other means than a count: a bit for each visitor, visit and caller. */
export function truthOf(rows: number, tenant: SeededTenant, fromMs: number, toMs: number): Truth {
  const bits = () => new Uint8Array(rows + 1)
  const [visitors, callers, sessions, calls] = [bits(), bits(), bits(), bits()]
  let [all, views, engagements] = [0, 0, 0]
  for (const made of seededFacts(rows)) {
    if (made.tenant !== tenant || made.atMs < fromMs || made.atMs >= toMs) continue
    all += 1
    if (made.kind === 'signal') {
      calls[made.visit] = 1
      if (made.caller !== null) callers[made.caller] = 1
      continue
    }
    visitors[made.visitor] = 1
    if (made.kind === 'hello') sessions[made.visit] = 1
    if (made.kind === 'engagement') engagements += 1
    else views += 1
  }
  const sum = (set: Uint8Array) => set.reduce((total, bit) => total + bit, 0)
  const records = { session: sum(sessions), 'page-view': views, engagement: engagements, call: sum(calls) }
  return { rows: all, records, visitors: sum(visitors), callers: sum(callers) }
}
