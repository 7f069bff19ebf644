import type { Changes } from '../config/lmdb.ts'
import { pack, unpack } from '../config/pack.ts'
import type { ReadStore } from '../config/reading.ts'
import type { PoolMoment } from '../core/wire/questions.ts'

/** How pools stood, a row for each pool and moment, kept as long as the tenant's data. Nobody is named in them. */

type Key = (string | number)[]
type Rows = Pick<ReadStore<Key>, 'getRange' | 'getKeys'>

const removedAtOnce = 32

export type KeptMoment = PoolMoment & { readonly pool: string }

/** Puts one, and removes what is past its time. */
export function putPoolMoment(
  root: Rows,
  changes: Changes<Key>,
  tenant: string,
  { pool, atMs, size, assigned, tail, cooling, free, draining }: KeptMoment,
  beforeMs: number,
): void {
  changes.put(['pool', tenant, pool, atMs], pack([size, assigned, tail, cooling, free, draining]))
  const old = {
    start: ['pool', tenant, pool, 0],
    end: ['pool', tenant, pool, beforeMs],
    limit: removedAtOnce,
  }
  for (const key of [...root.getKeys(old)]) changes.remove(key)
}

/** Keys of a tenant's moments up to a time, of whatever pool, some of them. */
export function keysOfMoments(root: Rows, tenant: string, throughMs: number, most: number): Key[] {
  const keys: Key[] = []
  for (const key of root.getKeys({ start: ['pool', tenant], end: ['pool', tenant, '\uffff'] })) {
    if (Number(key[3]) <= throughMs) keys.push(key)
    if (keys.length === most) break
  }
  return keys
}

export type AskedMoments = {
  readonly tenant: string
  readonly pool: string
  readonly fromMs: number
  readonly toMs: number
  readonly most: number
}

/** Oldest first; `next`: from when on to ask for the rest. */
export function poolMoments(
  rows: Rows,
  { tenant, pool, fromMs, toMs, most }: AskedMoments,
): { readonly moments: PoolMoment[]; readonly next: number | null } {
  const range = { start: ['pool', tenant, pool, fromMs], end: ['pool', tenant, pool, toMs], limit: most + 1 }
  const found = [...rows.getRange(range)].map(({ key, value }) => momentOf(Number(key[3]), value))
  return { moments: found.slice(0, most), next: found[most]?.atMs ?? null }
}

function momentOf(atMs: number, bytes: Buffer): PoolMoment {
  const [size = 0, assigned = 0, tail = 0, cooling = 0, free = 0, draining = null] = unpack(bytes) as number[]
  return { atMs, size, assigned, tail, cooling, free, draining }
}
