import { type Changes, type Environment, transact } from '../config/lmdb.ts'
import { pack, unpack } from '../config/pack.ts'
import type { Input } from '../core/input.ts'
import { findableAs } from './findable.ts'
import { countRows } from './retentionDays.ts'

/**
 * What is kept of events, by tenant and log time, each with its sealed part; and under which names it is found again.
 * Rows leave by retention and by erasure together with their names, and at the end of a tenant after all its names.
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
  return readHistoryPage(root, tenant, { fromMs, toMs, after: null }, most)
}

/** Which part of a tenant's history: of this time, after a place of it. */
export type Part = { readonly fromMs: number; readonly toMs: number; readonly after: Place | null }

/** The same, after a place of it: whoever reads on lets others have their turn between two pages. */
export function readHistoryPage(root: Root, tenant: string, part: Part, most: number): HistoryRow[] {
  return [...root.getRange(rangeOf(tenant, part, most))].map(({ key: found, value }) => ({
    tenant,
    ...placeIn(found, 2),
    event: unpack(value) as KeptEvent,
  }))
}

/**
 * Shows such a page as it is kept: whoever looks at all of a tenant's history reads of each event only what is needed. The
 * bytes are lent until the next event. Says where the page ends; null: nothing comes after it.
 */
export function seeHistory(
  root: Root,
  tenant: string,
  part: Part,
  most: number,
  see: (place: Place, lent: Buffer) => void,
): Place | null {
  let seen = 0
  let last: Place | null = null
  root.seeRange(rangeOf(tenant, part, most), (found, lent) => {
    seen += 1
    last = placeIn(found, 2)
    see(last, lent)
  })
  return seen < most ? null : last
}

function rangeOf(tenant: string, { fromMs, toMs, after }: Part, most: number) {
  const start: HistoryKey =
    after === null ? ['history', tenant, fromMs] : key(tenant, { ...after, index: after.index + 1 })
  return { start, end: ['history', tenant, toMs], limit: most }
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

export type NamedPlace = Place & { readonly name: string }

/**
 * Where a tenant's events stand, in the order of their names of one kind (`s:`, say; all kinds where it is empty), after one
 * of them, at most so many: what has one name stands together.
 */
export function readNamed(
  root: Root,
  tenant: string,
  kind: string,
  after: NamedPlace | null,
  most: number,
): NamedPlace[] {
  const start: HistoryKey =
    after === null
      ? ['find', tenant, kind]
      : nameKey(tenant, after.name, { ...after, index: after.index + 1 })
  const range = { start, end: ['find', tenant, `${kind}\uffff`], limit: most }
  return [...root.getKeys(range)].map(found => ({ name: String(found[2]), ...placeIn(found, 3) }))
}

function placeIn(found: HistoryKey, from: number): Place {
  return { atMs: Number(found[from]), sequence: Number(found[from + 1]), index: Number(found[from + 2]) }
}

export function readEvent(root: Root, tenant: string, place: Place): KeptEvent | null {
  const bytes = root.get(key(tenant, place))
  return bytes === undefined ? null : (unpack(bytes) as KeptEvent)
}

/** Puts events in the place of what is kept under their places; what has gone meanwhile stays gone. */
export async function replaceEvents(root: Root, rows: readonly HistoryRow[], also: Also): Promise<void> {
  await transact(root, changes => {
    also(changes)
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

/** A page of what a tenant had up to an entry of the log, after a place of it, so many at most. */
export type Leaving<Where> = {
  readonly tenant: string
  readonly through: number
  readonly after: Where | null
  readonly most: number
}
type Also = (changes: Changes<HistoryKey>) => void

/**
 * Removes a page of a tenant's events, without the names under which they are found: those have to be removed before. `also`
 * belongs to the same commit, and is asked when all of the page was shown. Says where the page ends, as `seeHistory` does.
 */
export async function removeHistory(
  root: Root,
  { tenant, through, after, most }: Leaving<Place>,
  see: (lent: Buffer) => void,
  also: Also,
): Promise<Place | null> {
  const keys: HistoryKey[] = []
  const last = seeHistory(root, tenant, { ...always, after }, most, (place, lent) => {
    if (place.sequence > through) return
    see(lent)
    keys.push(key(tenant, place))
  })
  await removeAll(root, keys, also)
  return last
}

const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } as const

/**
 * Removes a page of the names of a tenant's events. In the order of the names, so that each page of the file is written
 * once: in that of the events every one of them would touch other pages. Shows each name once: with the page that has the
 * last of it. `also`, and what it says, as `removeHistory` has them.
 */
export async function removeNames(
  root: Root,
  { tenant, through, after, most }: Leaving<NamedPlace>,
  see: (name: string) => void,
  also: Also,
): Promise<NamedPlace | null> {
  const found = readNamed(root, tenant, '', after, most + 1)
  const next = found[most]
  const removed = found.slice(0, most).filter(({ sequence }) => sequence <= through)
  const unfinished = next !== undefined && next.sequence <= through ? next.name : null
  for (const name of new Set(removed.map(one => one.name))) if (name !== unfinished) see(name)
  const keys = removed.map(one => nameKey(tenant, one.name, one))
  await removeAll(root, keys, also)
  return next === undefined ? null : (found[most - 1] ?? null)
}

async function removeAll(root: Root, keys: readonly HistoryKey[], also: Also): Promise<void> {
  if (keys.length === 0) return
  await transact(root, changes => {
    also(changes)
    for (const one of keys) changes.remove(one)
  })
}

async function removeRows(
  root: Root,
  rows: readonly HistoryRow[],
  also: Also = () => undefined,
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
