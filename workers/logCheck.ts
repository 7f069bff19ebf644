import type { Entry, StreamState } from '../config/streamLife.ts'
import { streams } from '../core/wire/subjects.ts'
import { isMarked, type Mark, markOf } from './mark.ts'
import { type Partition, type StopReason, stop } from './partition.ts'

/**
 * Stops a partition whose log is no longer the one that it applied: acknowledged entries that come under sequences which
 * it has passed would be dropped without a word. Rejects where the log cannot be asked.
 */
export async function checkLog(partition: Partition): Promise<void> {
  if (partition.stopped !== null) return
  const { link, applied, group } = partition
  const mark = group.last === null ? partition.mark : markOf(group.last)
  const entry = mark === null ? null : await link.entryAt(streams.log, mark.sequence)
  // Asked for after the entry: one that was trimmed meanwhile is seen to be.
  const log = await link.streamState(streams.log)
  conclude(partition, extentTrouble(partition, applied, log) ?? entryTrouble(mark, entry, log))
}

/**
 * The check for every second. The entry is asked for only after the link was away: without that no server can have
 * come back with another log, and entries may be long.
 */
export function createLogWatch(partition: Partition): () => Promise<void> {
  const { link } = partition
  let reconnects = link.reconnects()
  return async () => {
    if (partition.stopped !== null || !link.isConnected()) return
    const now = link.reconnects()
    if (now === reconnects) {
      const { applied } = partition
      return conclude(partition, extentTrouble(partition, applied, await link.streamState(streams.log)))
    }
    await checkLog(partition)
    reconnects = now
  }
}

function conclude(partition: Partition, trouble: StopReason | null): void {
  if (trouble !== null && partition.stopped === null) stop(partition, trouble)
}

/**
 * A log that is another one, or shorter than what was applied before it was asked, has regressed; one that starts after
 * what is applied by now has a gap, which an ordered consumer would step over without a word.
 */
function extentTrouble(partition: Partition, appliedBefore: number, log: StreamState): StopReason | null {
  if (log.createdAt !== partition.logCreatedAt || log.lastSequence < appliedBefore) return 'log_regressed'
  return log.firstSequence > Math.max(partition.applied, partition.held.upTo) + 1 ? 'log_gap' : null
}

/** What was trimmed cannot be compared. */
function entryTrouble(mark: Mark | null, entry: Entry | null, log: StreamState): StopReason | null {
  if (mark === null || mark.sequence < log.firstSequence) return null
  return entry !== null && isMarked(mark, entry) ? null : 'log_regressed'
}
