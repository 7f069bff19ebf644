import { commit, type Ground } from './ground.ts'
import type { InTurn } from '../rounds.ts'
import { type ChainEnd, endOf, type Restored, see, seenEnds, type SeenPosition } from './seen.ts'

/** What is written of what was seen when nothing else is: now and then, and where data was put back. */

export function seenRows(ground: Ground, inTurn: InTurn) {
  return {
    seenPosition: () => ground.seen.position,
    seenEnds: () => seenEnds(ground),
    see: (position: SeenPosition, ends: readonly ChainEnd[]) => see(ground, position, ends),
    keepSeen: () => inTurn(() => keepSeen(ground)),
    markRestored: (restored: Restored, position: SeenPosition | null) =>
      inTurn(() => markRestored(ground, restored, position)),
    saidRestored: (end: ChainEnd) => inTurn(() => saidRestored(ground, end)),
  }
}

/** Where nothing else is written for a while. */
async function keepSeen(ground: Ground): Promise<void> {
  if (ground.seen.isKept) return
  await commit(ground, { work: () => undefined })
}

/** Data was put back that is at this position: of every chain it is to be said. One that is still to be said stays as it was. */
async function markRestored(
  ground: Ground,
  restored: Restored,
  position: SeenPosition | null,
): Promise<void> {
  for (const end of seenEnds(ground))
    ground.seen.ends.set(end.tenant, { ...end, restored: end.restored ?? restored })
  ground.seen.position = position
  await commit(ground, { work: () => undefined })
}

/** The chain says it, in its record at this end. */
async function saidRestored(ground: Ground, { tenant, index, hash }: ChainEnd): Promise<void> {
  const highest = Math.max(index, endOf(ground, tenant)?.highest ?? index)
  ground.seen.ends.set(tenant, { tenant, index, hash, highest })
  await commit(ground, { work: () => undefined })
}
