import { partitionOfTenant } from '../config/partitions.ts'
import { causeOf, type Logger } from '../config/logger.ts'
import type { Link } from '../config/nats.ts'
import { limits } from '../core/limits.ts'
import type { Note } from '../core/wire/note.ts'
import { createAppending } from './append.ts'
import type { Counts } from './counts.ts'
import { byItself } from './noting.ts'
import { forgetRemoved, type StoredPackage, lyingIn, packageOf, removePackage } from './returnFolder.ts'

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
  const { folder, counts, logger } = setup
  gauge(counts, [], 0)
  return async now => {
    for (const one of lyingIn(folder)) {
      if (now < dueAt(one, setup.keptMs)) continue
      try {
        await record(setup, one)
        await removePackage(folder, one, now)
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

/** Says in the tenant's chain that a package is removed: once, however many owners have one, and however often it is said. */
async function record({ link, folder, partitionsInAll }: SweepSetup, one: StoredPackage): Promise<void> {
  const { tenant, request, isWhole } = one
  const known = packageOf(folder, tenant, request)
  const note: Note = {
    ...{ ...byItself, action: 'return-removed', request },
    counts: known === null ? {} : { records: known.records },
    detail: { because: isWhole ? 'time' : 'unfinished', manifest: known?.manifestSha256 ?? null },
  }
  const number = partitionOfTenant(tenant, 0, partitionsInAll)
  const append = createAppending({ link, number }, 'control', 'return-removed')
  const event = { clear: { kind: 'noted', tenant } as const, personal: null, note }
  await append(event, `return-removed|${tenant}|${request}`)
}
