import type { Logger } from '../config/logger.ts'
import { isFilling, type PoolStats, poolStats, utilisationOf } from '../core/poolStats.ts'
import { policyVersions, type State } from '../core/state.ts'
import type { Counts } from './counts.ts'

const gauges = [
  'ringtrail_pool_size',
  'ringtrail_pool_numbers',
  'ringtrail_pool_utilisation_ratio',
  'ringtrail_pool_filling',
] as const

/**
 * How full the pools of a thread are: as gauges, and as a line of the log when one passes what it is warned at, once for
 * each time. Looks at every number: when somebody looks, and every minute.
 */
export function createPoolWatch(
  counts: Counts,
  logger: Logger,
  clock: () => number = Date.now,
): (states: readonly State[]) => void {
  const filling = new Set<string>()
  const look = (tenant: string, stats: PoolStats) => {
    const key = `${tenant} ${stats.pool}`
    const before = filling.has(key)
    const now = isFilling(stats, before)
    gauge(counts, tenant, stats, now)
    if (now && !before) {
      filling.add(key)
      const { pool, size, free, draining, warnAt } = stats
      logger.warn({ tenant, pool, size, inUse: size - free, draining, warnAt }, 'pool_filling')
    }
    if (!now) filling.delete(key)
  }
  return states => {
    for (const name of gauges) counts.clear(name)
    for (const state of states)
      for (const tenant of Object.keys(policyVersions(state)))
        for (const stats of poolStats(state, tenant, Math.max(state.now, clock()))) look(tenant, stats)
  }
}

function gauge(counts: Counts, tenant: string, stats: PoolStats, isFull: boolean): void {
  const { pool, size, assigned, tail, coolingDown, free, draining } = stats
  for (const got of ['share', 'fallback'])
    counts.add('ringtrail_pool_overflowed_total', [tenant, pool, got], 0)
  const phases = { assigned, tail, cooling: coolingDown, free, draining }
  for (const [phase, numbers] of Object.entries(phases))
    counts.set('ringtrail_pool_numbers', [tenant, pool, phase], numbers)
  counts.set('ringtrail_pool_size', [tenant, pool], size)
  counts.set('ringtrail_pool_utilisation_ratio', [tenant, pool], utilisationOf(stats))
  counts.set('ringtrail_pool_filling', [tenant, pool], isFull ? 1 : 0)
}
