import { createHash, type Hash } from 'node:crypto'
import { openEvent } from '../../workers/opener.ts'
import type { HistoryRow } from '../../workers/history.ts'
import type { Partition } from '../../workers/partition.ts'

/**
 * What of a partition an erasure of others may not change, as one SHA-256 for each table of its store. Left out are rows
 * that name whoever is to be erased, as they stood before, and rows of the calls that are made while it is measured.
 *
 * `sessions`, `visitors`, `numbers`, `callers`: the state's rows. `calls`: the decisions, each with its match.
 * `history`: every event with its sealed bytes. `opened`: of every sixteenth event what was sealed, and that the names
 * under which it is found lead to it.
 */
export type Digest = Readonly<Record<Compared, { readonly rows: number; readonly sha256: string }>>
export const compared = ['sessions', 'visitors', 'numbers', 'calls', 'callers', 'history', 'opened'] as const
type Compared = (typeof compared)[number]

export type Digested = {
  readonly tenant: string
  /** Visitor and session ids of whoever is to be erased. */
  readonly erased: readonly string[]
  /** In the ids of calls that do not count. */
  readonly passing: string
  /** Log time: later events do not count. */
  readonly untilMs: number
}

type Sums = Record<Compared, { rows: number; readonly hash: Hash }>
const openedEvery = 16
const page = 4_096

/** `leftOut`: which rows of the state named the erased when the first digest was made; filled by it, used by the second. */
export function digestOf(partition: Partition, what: Digested, leftOut: Set<string>): Digest {
  const sums = Object.fromEntries(
    compared.map(name => [name, { rows: 0, hash: createHash('sha256') }]),
  ) as Sums
  const isFirst = leftOut.size === 0
  const names = new Set(what.erased)
  for (const { table, key, value } of partition.store.rows()) {
    if (!isState(table)) continue
    const text = JSON.stringify(value)
    const place = `${table} ${key}`
    if (isFirst && namesAny(`${key} ${text}`, names)) leftOut.add(place)
    if (leftOut.has(place) || text.includes(what.passing) || key.includes(what.passing)) continue
    add(sums[table], `${key} ${text}`)
  }
  digestHistory(partition, what, names, sums)
  return Object.fromEntries(
    compared.map(name => [name, { rows: sums[name].rows, sha256: sums[name].hash.digest('hex') }]),
  ) as Digest
}

type InState = 'sessions' | 'visitors' | 'numbers' | 'calls' | 'callers'
function isState(table: string): table is InState {
  return ['sessions', 'visitors', 'numbers', 'calls', 'callers'].includes(table)
}

/** Ids are words of 22 characters: to look each up is faster than to look for thousands in each row. */
function namesAny(text: string, names: ReadonlySet<string>): boolean {
  for (const [id] of text.matchAll(/[A-Za-z0-9_-]{22}/g)) if (names.has(id)) return true
  return false
}

function digestHistory(partition: Partition, what: Digested, names: ReadonlySet<string>, sums: Sums): void {
  let count = 0
  for (const row of historyOf(partition, what)) {
    const { clear, session } = row.event
    const text = JSON.stringify([row.atMs, row.sequence, row.index, clear, session])
    if (text.includes(what.passing) || namesAny(text, names)) continue
    add(sums.history, text, row.event.personal)
    count += 1
    if (count % openedEvery !== 0) continue
    const { personal, isKeyGone } = openEvent(partition.keys, what.tenant, row.event)
    add(sums.opened, JSON.stringify([personal, isKeyGone, isFound(partition, what.tenant, row)]))
  }
}

function isFound(
  { store }: Partition,
  tenant: string,
  { event, atMs, sequence, index }: HistoryRow,
): boolean {
  if (!('visitor' in event.clear)) return false
  const places = store.find(tenant, `v:${event.clear.visitor}`, null, page)
  return places.some(one => one.atMs === atMs && one.sequence === sequence && one.index === index)
}

function* historyOf({ store }: Partition, { tenant, untilMs }: Digested): Generator<HistoryRow> {
  let last: HistoryRow | null = null
  for (;;) {
    const rows = store.history(tenant, last?.atMs ?? 0, untilMs, page)
    const fresh: HistoryRow[] = rows.filter(row => last === null || isAfter(row, last))
    if (fresh.length === 0) return
    yield* fresh
    last = fresh.at(-1) ?? last
  }
}

function isAfter(row: HistoryRow, last: HistoryRow): boolean {
  if (row.atMs !== last.atMs) return row.atMs > last.atMs
  return row.sequence > last.sequence || (row.sequence === last.sequence && row.index > last.index)
}

function add(
  sum: { rows: number; readonly hash: Hash },
  text: string,
  bytes: Uint8Array | null = null,
): void {
  sum.rows += 1
  sum.hash.update(`${text}\n`)
  if (bytes !== null) sum.hash.update(bytes)
}

/** Where two digests differ. */
export function differences(before: Digest, after: Digest): string[] {
  return compared.filter(
    name => before[name].sha256 !== after[name].sha256 || before[name].rows !== after[name].rows,
  )
}
