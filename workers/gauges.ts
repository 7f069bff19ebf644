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
}
