import { pack, unpack } from '../../config/pack.ts'
import type { Mark } from '../mark.ts'
import type { Ground, KeyChanges } from './ground.ts'

/**
 * What the key store has seen of the data that its keys open: how far in the log it was, and where each audit chain ended. It is
 * written with whatever the key store writes, before the data has it. So data that comes back behind it was put back.
 */

/** Of the data's position, what a log is known again by. */
export type SeenPosition = {
  readonly sequence: number
  readonly log: string
  readonly mark: Mark | null
}

/** Where a chain ended; `highest`: the highest index that it ever had, in what was before a restore too. */
export type SeenEnd = {
  readonly tenant: string
  readonly index: number
  readonly hash: string
  readonly highest: number
  /** The data was put back, and the chain does not say so yet. */
  readonly restored?: Restored
}

/** `atMs`: when it was found, by this machine's clock. `untilMs`: log time; what came after it is not in what was put back. */
export type Restored = { readonly id: string; readonly atMs: number; readonly untilMs: number }

export type ChainEnd = Pick<SeenEnd, 'tenant' | 'index' | 'hash'>

/** In memory, and in a row of its own with every commit. `changes` only grows: it tells an older copy of these rows. */
export type Seen = {
  changes: number
  /** Those that are on the disk. */
  kept: number
  position: SeenPosition | null
  /** Of chains that went on since the last commit. */
  readonly ends: Map<string, SeenEnd>
  isKept: boolean
}

/** Comes after every tenant. */
const after = '\uffff'

export const nothingSeen = (): Seen => ({
  changes: 0,
  kept: 0,
  position: null,
  ends: new Map(),
  isKept: true,
})

export function loadSeen({ root, seen }: Ground): void {
  const bytes = root.get(['meta', 'seen'])
  if (bytes === undefined) return
  const { changes, position } = unpack(bytes) as Pick<Seen, 'changes' | 'position'>
  seen.changes = Math.max(seen.changes, changes)
  seen.position ??= position
}

/** What the rows say is on the disk. */
export function settledSeen({ root, seen }: Ground): void {
  const bytes = root.get(['meta', 'seen'])
  if (bytes !== undefined) seen.kept = (unpack(bytes) as Pick<Seen, 'changes'>).changes
}

/** Takes where the data will be next; on the disk with the next commit, whoever makes it. */
export function see(ground: Ground, position: SeenPosition, ends: readonly ChainEnd[]): void {
  const { seen } = ground
  seen.position = position
  seen.isKept = false
  for (const { tenant, index, hash } of ends) {
    const known = endOf(ground, tenant)
    // Until the chain says that the data was put back, what was there before stays known.
    if (known?.restored !== undefined) continue
    seen.ends.set(tenant, { tenant, index, hash, highest: Math.max(index, known?.highest ?? index) })
  }
}

export function endOf({ root, seen }: Ground, tenant: string): SeenEnd | null {
  const bytes = root.get(['end', tenant])
  return seen.ends.get(tenant) ?? (bytes === undefined ? null : (unpack(bytes) as SeenEnd))
}

export type Written = Pick<Seen, 'changes' | 'position' | 'ends'>

/** What every commit writes. */
export function putSeen({ seen }: Ground, changes: KeyChanges): Written {
  seen.changes += 1
  const { changes: count, position } = seen
  changes.put(['meta', 'seen'], pack({ changes: count, position }))
  for (const end of seen.ends.values()) changes.put(['end', end.tenant], pack(end))
  return { changes: count, position, ends: new Map(seen.ends) }
}

/** The commit is through. What was seen since it was begun waits for the next. */
export function keptSeen({ seen }: Ground, written: Written | null): void {
  if (written === null) return
  for (const [tenant, end] of written.ends) if (seen.ends.get(tenant) === end) seen.ends.delete(tenant)
  seen.kept = Math.max(seen.kept, written.changes)
  seen.isKept = seen.position === written.position && seen.ends.size === 0
}

export function seenEnds({ root, seen }: Ground): SeenEnd[] {
  const range = { start: ['end'], end: ['end', after] }
  const stored = [...root.getRange(range)].map(({ value }) => unpack(value) as SeenEnd)
  return [...new Map([...stored, ...seen.ends.values()].map(end => [end.tenant, end])).values()]
}
