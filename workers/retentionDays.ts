import { type Changes, type Environment, transact } from '../config/lmdb.ts'
import { pack, unpack } from '../config/pack.ts'

/**
 * What retention did, by tenant and day of log time: a row of its own for each, until the audit chain has its record. What
 * it says of events is written with their removal; of keys, which have a store of their own, right after their end.
 */
export type RetentionDay = {
  readonly tenant: string
  /** Days since 1970, UTC. */
  readonly day: number
  readonly rows: number
  readonly periodKeys: number
  /** Of people who had not been seen for a retention. */
  readonly subjectKeys: number
  /** Events that were sealed anew without a field that goes earlier. Left out by older rows. */
  readonly sealedAnew?: number
  /** What was in force when this was last looked at. */
  readonly retentionMs: number
  /** Whether any owner was at work that day; else time went past it, and what was due went on the next. */
  readonly ran: boolean
}

/** What became of keys in a round. */
export type KeysEnded = Pick<RetentionDay, 'periodKeys' | 'subjectKeys' | 'sealedAnew'>

type Key = (string | number)[]
type Root = Environment<Key>
type Named = Pick<RetentionDay, 'tenant' | 'day'>

const key = ({ tenant, day }: Named): Key => ['retained', tenant, day]

export function readRetentionDays(root: Root): RetentionDay[] {
  return [...root.getRange({ start: ['retained'], end: ['retainee'] })].map(({ value }) => read(value))
}

const read = (bytes: Buffer) => unpack(bytes) as RetentionDay

export async function putRetentionDays(root: Root, days: readonly RetentionDay[]): Promise<void> {
  if (days.length === 0) return
  await transact(root, changes => {
    for (const day of days) changes.put(key(day), pack(day))
  })
}

export function forgetRetentionDay(root: Root, named: Named): Promise<void> {
  return transact(root, changes => changes.remove(key(named)))
}

/** Adds to what the day already counts; nothing where the audit chain has its record. Part of a transaction of events. */
export function countRows(root: Root, changes: Changes<Key>, named: Named, rows: number): void {
  const bytes = root.get(key(named))
  if (bytes === undefined) return
  const day = read(bytes)
  changes.put(key(named), pack({ ...day, rows: day.rows + rows }))
}

export async function countKeys(root: Root, named: Named, more: KeysEnded): Promise<void> {
  await transact(root, changes => {
    const bytes = root.get(key(named))
    if (bytes === undefined) return
    const day = read(bytes)
    const periodKeys = day.periodKeys + more.periodKeys
    const subjectKeys = day.subjectKeys + more.subjectKeys
    const sealedAnew = (day.sealedAnew ?? 0) + (more.sealedAnew ?? 0)
    changes.put(key(named), pack({ ...day, periodKeys, subjectKeys, sealedAnew }))
  })
}
