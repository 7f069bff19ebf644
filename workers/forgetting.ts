import { Refused } from '../config/refused.ts'
import { limits } from '../core/limits.ts'
import type { Partition } from './partition.ts'
import { repeat } from './rounds.ts'

/**
 * The end of what is remembered of erasures. A backup that is put back is erased again of everybody whom it should not hold
 * any more; when no backup may reach back to an erasure, nobody needs its names. One that is older than that is refused,
 * because what it lacks is not known any more.
 */
type Remembering = Pick<Partition, 'state' | 'keys'>

const everyMs = 1_000

/** Forgets what is older than a backup may be, by log time. Resolves, when stopped, after the round under way. */
export function startForgetting(partition: Partition, backupsKeptMs: number): () => Promise<void> {
  return repeat(
    async () => {
      if (partition.stopped === null) await forgetOld(partition, backupsKeptMs)
    },
    everyMs,
    () => partition.counts.add('ringtrail_rights_failed_total', []),
  )
}

/** One round. */
export async function forgetOld({ state, keys }: Remembering, backupsKeptMs: number): Promise<void> {
  const beforeMs = state.now - backupsKeptMs
  if (beforeMs > 0) await keys.forgetErasures(beforeMs, limits.forgottenPerRoundMax)
}

/** Throws where a store may hold somebody whose erasure is not remembered any more. */
export function refuseTooOld({ state, keys, number }: Remembering & Pick<Partition, 'number'>): void {
  const forgottenMs = keys.forgottenMs()
  if (state.now >= forgottenMs) return
  throw new Refused(
    `The store of partition ${number} is of ${dateOf(state.now)}. What was erased until ${dateOf(forgottenMs)} is not remembered any more (backups.keptFor), so it cannot be erased again: put back a newer backup.`,
  )
}

const dateOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
