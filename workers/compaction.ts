import { causeOf } from '../config/logger.ts'
import type { Partition } from './partition.ts'

type Compacted = Pick<Partition['store'], 'compact' | 'madeAt'>
type Around = Pick<Partition, 'number' | 'counts' | 'logger'>

/** Writes a partition's stores anew, of data and of keys, each where it is due. */
export async function compactStores(
  partition: Around & Pick<Partition, 'store' | 'keys'>,
  everyMs: number,
  now: number,
): Promise<void> {
  for (const store of [partition.store, partition.keys])
    await compactWhenDue({ ...partition, store }, everyMs, now)
}

/**
 * Writes a store anew where its file is older than it may be. By the age of the file, so that a process that starts again
 * and again does not put it off. One that fails is tried again when this is called the next time.
 */
async function compactWhenDue(
  partition: Around & { readonly store: Compacted },
  everyMs: number,
  now: number,
): Promise<boolean> {
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
