import { poolStats } from '../core/poolStats.ts'
import { policyVersions } from '../core/state.ts'
import { breachClockMs } from './breachRows.ts'
import type { Counts } from './counts.ts'
import type { Partition } from './partition.ts'

/** Sets a partition's gauges as they are now; called when somebody looks, not per event. */
export function gaugePartition(counts: Counts, partition: Partition): void {
  const label = String(partition.number)
  const usage = partition.store.usage()
  counts.set('ringtrail_store_used_bytes', [label], usage.usedBytes)
  counts.set('ringtrail_store_map_bytes', [label], usage.mapBytes)
  counts.set('ringtrail_store_readers', [label], usage.readers)
  const ageMs = Math.max(0, Date.now() - partition.store.madeAt())
  counts.set('ringtrail_store_age_seconds', [label], ageMs / 1_000)
  counts.set('ringtrail_held_entries', [label], partition.held.entries)
  counts.set('ringtrail_sessions', [label], partition.state.tables.sessions.size)
  counts.set('ringtrail_breach_clock_seconds', [label], breachClockMs(partition.breaches, Date.now()) / 1_000)
  if (partition.stopped !== null) counts.set('ringtrail_partition_stopped', [label, partition.stopped], 1)
  for (const tenant of Object.keys(policyVersions(partition.state))) gaugePools(counts, partition, tenant)
}

function gaugePools(counts: Counts, partition: Partition, tenant: string): void {
  for (const pool of poolStats(partition.state, tenant)) {
    for (const got of ['share', 'fallback'])
      counts.add('ringtrail_pool_overflowed_total', [tenant, pool.pool, got], 0)
    counts.set('ringtrail_pool_size', [tenant, pool.pool], pool.size)
    counts.set('ringtrail_pool_numbers', [tenant, pool.pool, 'assigned'], pool.assigned)
    counts.set('ringtrail_pool_numbers', [tenant, pool.pool, 'tail'], pool.tail)
    counts.set('ringtrail_pool_numbers', [tenant, pool.pool, 'cooling'], pool.coolingDown)
    counts.set('ringtrail_pool_numbers', [tenant, pool.pool, 'free'], pool.free)
  }
}
