import { nameless, noClaim, phaseOf, quietAt, sessionOf } from './life.ts'
import { warnAtDefault } from './policy.ts'
import type { NumberRecord } from './records.ts'
import type { State, TenantIndex } from './state.ts'
import type { PhoneNumber } from './words.ts'

export type PoolStats = {
  pool: string
  /** The numbers that it has now; each is assigned, in its tail, cooling down or free. */
  size: number
  assigned: number
  tail: number
  coolingDown: number
  free: number
  /** Beside them: numbers that were taken out, and are not lent any more, while a claim on them runs (rule A7). */
  draining: number
  /** The share of numbers in use from which on it is warned. */
  warnAt: number
}

/**
 * How a tenant's pools stand at a moment, by what the log has said so far: where nothing is told its time stands still, and
 * cool-downs end all the same. Looks at every number: for when somebody looks, not per event.
 */
export function poolStats(state: State, tenant: string, at: number): PoolStats[] {
  const index = state.tenants.get(tenant)
  if (index === undefined) return []
  const all = new Map(index.policy.pools.map(pool => [pool.id, empty(pool.id, pool.warnAt ?? warnAtDefault)]))
  for (const [number, { policy }] of index.poolOfNumber) {
    const stats = all.get(policy.id) as PoolStats
    stats.size += 1
    stats[standing(index, number, at)] += 1
  }
  for (const record of index.numbers.values()) {
    const id = drainsFrom(at, index, record)
    if (id === null) continue
    const stats = all.get(id) ?? empty(id, warnAtDefault)
    stats.draining += 1
    all.set(id, stats)
  }
  return [...all.values()]
}

/** The pool that a number was taken out of, while a claim on it runs; null: it is in one, or nobody's any more. */
export function drainsFrom(now: number, index: TenantIndex, record: NumberRecord): string | null {
  const { number, pool, target } = record
  if (index.poolOfNumber.has(number) || standing(index, number, now) === 'free') return null
  return pool ?? index.targets.get(target)?.pool ?? target
}

function empty(pool: string, warnAt: number): PoolStats {
  return { pool, size: 0, assigned: 0, tail: 0, coolingDown: 0, free: 0, draining: 0, warnAt }
}

/** The share of a pool's numbers that cannot be lent now: held, in their tail or cooling down. */
export function utilisationOf({ size, free }: Pick<PoolStats, 'size' | 'free'>): number {
  return size === 0 ? 0 : (size - free) / size
}

/** Below this share of `warnAt` it is over: what stands near the border is warned of once. */
const calmBelow = 0.9

/** Whether a pool is warned of: from `warnAt` on, until it is clearly below. */
export function isFilling(stats: PoolStats, before: boolean): boolean {
  const border = before ? stats.warnAt * calmBelow : stats.warnAt
  return utilisationOf(stats) >= border && stats.size > 0
}

type Standings = Record<Standing, number>

/** How these numbers of a tenant stand: for who looks at a large pool a little at a time. */
export function standings(now: number, index: TenantIndex, numbers: readonly PhoneNumber[]): Standings {
  const found: Standings = { assigned: 0, tail: 0, coolingDown: 0, free: 0 }
  for (const number of numbers) found[standing(index, number, now)] += 1
  return found
}

type Standing = 'assigned' | 'tail' | 'coolingDown' | 'free'

function standing(index: TenantIndex, number: PhoneNumber, now: number): Standing {
  let found: Standing = 'free'
  for (const claim of index.numbers.get(number)?.claims ?? []) {
    const session = sessionOf(index, claim)
    const quietMs = quietAt(claim, session, now)
    if (quietMs === noClaim) continue
    const phase = quietMs === nameless ? 'cooldown' : phaseOf(claim, quietMs, now)
    if (phase === 'alive') return 'assigned'
    if (phase === 'tail') found = 'tail'
    else if (found === 'free') found = 'coolingDown'
  }
  return found
}
