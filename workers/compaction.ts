import { causeOf } from '../config/logger.ts'
import type { Partition } from './partition.ts'

/** What it takes of a partition. */
type Compacted = Pick<Partition, 'number' | 'store' | 'counts' | 'logger'>

/**
 * Writes a partition's store anew where its file is older than it may be. By the age of the file, so that a process that
 * starts again and again does not put it off. One that fails is tried again when this is called the next time.
 */
export async function compactWhenDue(partition: Compacted, everyMs: number, now: number): Promise<boolean> {
  const { number, store, counts, logger } = partition
  if (now - store.madeAt() < everyMs) return false
  const began = performance.now()
  try {
    const { rows, bytesBefore, bytesAfter, pausedMs } = await store.compact()
    counts.add('ringtrail_compactions_total', [])
    const ms = Math.round(performance.now() - began)
    logger.info({ partition: number, rows, bytesBefore, bytesAfter, pausedMs, ms }, 'store_compacted')
    return true
  } catch (error) {
    counts.add('ringtrail_compaction_failures_total', [])
    logger.warn({ partition: number, ...causeOf(error as Error) }, 'compaction_failed')
    return false
  }
}
