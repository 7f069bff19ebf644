import { type Changes, type Environment, transact } from '../config/lmdb.ts'
import { pack, unpack } from '../config/pack.ts'
import type { Input } from '../core/input.ts'
import { findableAs } from './findable.ts'
import { countRows } from './retentionDays.ts'

/**
 * What is kept of events, by tenant and log time, each with its sealed part; and under which names it is found again.
 * Rows leave by retention and by erasure, always together with their names.
 */

export type HistoryKey = (string | number)[]
type Root = Environment<HistoryKey>

/** Where an event stands in the log: its name for ever. */
export type Place = { readonly atMs: number; readonly sequence: number; readonly index: number }

/** What is kept of one event. `clear` is what the core read, `session` the one that it belonged to. */
export type KeptEvent = {
  readonly clear: Input
  readonly personal: Uint8Array | null
  readonly session: string | null
}

export type HistoryRow = Place & { readonly tenant: string; readonly event: KeptEvent }

const key = (tenant: string, { atMs, sequence, index }: Place): HistoryKey => [
  'history',
  tenant,
  atMs,
  sequence,
  index,
]
const nameKey = (tenant: string, name: string, { atMs, sequence, index }: Place): HistoryKey => [
  'find',
  tenant,
  name,
  atMs,
  sequence,
  index,
]
const nothing = Buffer.alloc(0)

export function putHistory(changes: Changes<HistoryKey>, rows: readonly HistoryRow[]): void {
  for (const row of rows) {
    const { tenant, event } = row
    changes.put(key(tenant, row), pack(event))
    for (const name of findableAs(event.clear, event.session))
      changes.put(nameKey(tenant, name, row), nothing)
  }
}

/** Events of a tenant from a time on, oldest first, at most so many. */
export function readHistory(
  root: Root,
  tenant: string,
  fromMs: number,
  toMs: number,
  most: number,
): HistoryRow[] {
  return rowsBetween(root, tenant, ['history', tenant, fromMs], ['history', tenant, toMs], most)
}

/** The same, after a place of it: whoever reads on lets others have their turn between two pages. */
export function readHistoryPage(
  root: Root,
  tenant: string,
  { fromMs, toMs, after }: { readonly fromMs: number; readonly toMs: number; readonly after: Place | null },
  most: number,
): HistoryRow[] {
  const start: HistoryKey =
    after === null ? ['history', tenant, fromMs] : key(tenant, { ...after, index: after.index + 1 })
  return rowsBetween(root, tenant, start, ['history', tenant, toMs], most)
}

function rowsBetween(
  root: Root,
  tenant: string,
  start: HistoryKey,
  end: HistoryKey,
  most: number,
): HistoryRow[] {
  return [...root.getRange({ start, end, limit: most })].map(({ key: found, value }) => ({
    tenant,
    ...placeIn(found, 2),
    event: unpack(value) as KeptEvent,
  }))
}

/** Where events with this name stand, oldest first, after `after`, at most so many. */
export function findEvents(
  root: Root,
  tenant: string,
  name: string,
  after: Place | null,
  most: number,
): Place[] {
  const start: HistoryKey =
    after === null ? ['find', tenant, name] : nameKey(tenant, name, { ...after, index: after.index + 1 })
  const end = ['find', tenant, name, Number.MAX_SAFE_INTEGER]
  return [...root.getKeys({ start, end, limit: most })].map(found => placeIn(found, 3))
}

function placeIn(found: HistoryKey, from: number): Place {
  return { atMs: Number(found[from]), sequence: Number(found[from + 1]), index: Number(found[from + 2]) }
}

export function readEvent(root: Root, tenant: string, place: Place): KeptEvent | null {
  const bytes = root.get(key(tenant, place))
  return bytes === undefined ? null : (unpack(bytes) as KeptEvent)
}

/** Puts events in the place of what is kept under their places; what has gone meanwhile stays gone. */
export async function replaceEvents(root: Root, rows: readonly HistoryRow[]): Promise<void> {
  await transact(root, changes => {
    for (const row of rows) {
      const before = readEvent(root, row.tenant, row)
      if (before === null) continue
      for (const name of findableAs(before.clear, before.session))
        changes.remove(nameKey(row.tenant, name, row))
      putHistory(changes, [row])
    }
  })
}

/**
 * Removes at most `most` events older than `beforeMs`, counts them for the day, and says how many: paged, because a long
 * transaction grows the file.
 */
export async function forgetHistory(
  root: Root,
  tenant: string,
  beforeMs: number,
  most: number,
  day: number,
): Promise<number> {
  const rows = readHistory(root, tenant, 0, beforeMs, most)
  await removeRows(root, rows, changes => countRows(root, changes, { tenant, day }, rows.length))
  return rows.length
}

/** Removes at most `most` events that are found under a name, and says how many. */
export async function removeFound(root: Root, tenant: string, name: string, most: number): Promise<number> {
  const places = findEvents(root, tenant, name, null, most)
  const rows = places.flatMap(place => {
    const event = readEvent(root, tenant, place)
    return event === null ? [] : [{ tenant, ...place, event }]
  })
  await removeRows(root, rows)
  return places.length
}

/** Removes a tenant's events up to an entry of the log, a page at a time, and gives them. */
export async function removeHistory(
  root: Root,
  tenant: string,
  through: number,
  after: Place | null,
  most: number,
): Promise<{ readonly removed: readonly HistoryRow[]; readonly last: HistoryRow | null }> {
  const asked = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, after }
  const page = readHistoryPage(root, tenant, asked, most)
  const removed = page.filter(row => row.sequence <= through)
  await removeRows(root, removed)
  return { removed, last: page.length < most ? null : (page.at(-1) ?? null) }
}

async function removeRows(
  root: Root,
  rows: readonly HistoryRow[],
  also: (changes: Changes<HistoryKey>) => void = () => undefined,
): Promise<void> {
  if (rows.length === 0) return
  await transact(root, changes => {
    also(changes)
    for (const row of rows) {
      changes.remove(key(row.tenant, row))
      for (const name of findableAs(row.event.clear, row.event.session))
        changes.remove(nameKey(row.tenant, name, row))
    }
  })
}
