import { streams, subjects } from '../core/wire/subjects.ts'
import { checkLog } from './logCheck.ts'
import type { Owned } from './open.ts'

/**
 * A partition for which the log has nothing new moves with the log all the same: else the quietest partition would hold
 * back the trimming of all, until the log is full.
 */
export async function moveWhileIdle({ partition, commit }: Owned): Promise<void> {
  await checkLog(partition)
  const { link, number } = partition
  // What it keeps itself of the log comes first.
  if (partition.applied < partition.held.upTo) return
  const { lastSequence } = await link.streamState(streams.log)
  const last = await link.entryAt(streams.log, lastSequence)
  // Asked for after the end of the log: what has come up to that end is in this answer.
  const own = await link.lastSequence(streams.log, subjects.log(number))
  if (partition.stopped !== null || own > partition.applied || lastSequence <= partition.applied) return
  partition.applied = lastSequence
  partition.group.sequence = lastSequence
  // Whoever's entry it is: it tells this log from another. Where all was trimmed, an earlier one has to do.
  if (last !== null) partition.group.last = last
  commit()
}
