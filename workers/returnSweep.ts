import { partitionOfTenant } from '../config/partitions.ts'
import { causeOf, type Logger } from '../config/logger.ts'
import type { Link } from '../config/nats.ts'
import { limits } from '../core/limits.ts'
import type { Counts } from './counts.ts'
import { forgetRemoved, type StoredPackage, lyingIn } from './returnFolder.ts'
import { removeRecorded } from './returnRemoval.ts'

/**
 * Return packages lie in the clear, so their time is bounded: what nobody said was received is removed when that is over,
 * and what was never finished soon after it was last written to. The record comes first: where the log does not take it,
 * the package stays, and the gauges say so.
 */
export type SweepSetup = {
  readonly link: Pick<Link, 'store'>
  readonly folder: string
  /** For how long a package may lie. */
  readonly keptMs: number
  readonly partitionsInAll: number
  readonly counts: Counts
  readonly logger: Logger
}

export function createReturnSweep(setup: SweepSetup): (now: number) => Promise<void> {
  const { link, folder, partitionsInAll, counts, logger } = setup
  gauge(counts, [], 0)
  return async now => {
    for (const one of lyingIn(folder)) {
      if (now < dueAt(one, setup.keptMs)) continue
      try {
        const number = partitionOfTenant(one.tenant, 0, partitionsInAll)
        await removeRecorded({ link, folder, number }, one, one.isWhole ? 'time' : 'unfinished', now)
      } catch (error) {
        logger.warn(causeOf(error), 'return_not_removed')
      }
    }
    gauge(
      counts,
      lyingIn(folder).map(one => ({ ...one, dueAt: dueAt(one, setup.keptMs) })),
      now,
    )
    await forgetRemoved(folder, now - limits.returnsRememberedMs)
  }
}

function dueAt({ sinceMs, isWhole }: StoredPackage, keptMs: number): number {
  return sinceMs + (isWhole ? keptMs : limits.returnUnfinishedMs)
}

function gauge(
  counts: Counts,
  lying: readonly (StoredPackage & { readonly dueAt: number })[],
  now: number,
): void {
  const longest = (from: (one: (typeof lying)[number]) => number) =>
    Math.max(0, ...lying.map(one => now - from(one))) / 1_000
  counts.set(
    'ringtrail_return_oldest_seconds',
    [],
    longest(one => one.sinceMs),
  )
  counts.set(
    'ringtrail_return_overdue_seconds',
    [],
    longest(one => one.dueAt),
  )
}
