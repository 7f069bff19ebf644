import type { Partition } from './partition.ts'
import { repeat } from './rounds.ts'

const everyMs = 5_000

/**
 * Where the data is, put on the key store's disk where nothing else was written for a while. Resolves, when stopped, after the
 * round under way, and another one.
 */
export function startSeeing({ keys, counts }: Pick<Partition, 'keys' | 'counts'>): () => Promise<void> {
  const failed = () => counts.add('ringtrail_commit_failures_total', [])
  const stop = repeat(() => keys.keepSeen(), everyMs, failed)
  return async () => {
    await stop()
    await keys.keepSeen().catch(failed)
  }
}
