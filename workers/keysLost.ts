import { createAppending } from './append.ts'
import { keysTrouble } from './keysKnown.ts'
import { byItself } from './noting.ts'
import { caughtUp, hasCaughtUp, type Partition } from './partition.ts'
import { repeat } from './rounds.ts'

const roundEveryMs = 250

/**
 * Says in every chain that the keys of the data were lost, where somebody said so and they were. Resolves, when stopped, after the
 * round under way.
 */
export function startSayingKeysLost(partition: Partition, producer: string): () => Promise<void> {
  const { store, keys, audit, counts } = partition
  const append = createAppending(partition, 'control', `${producer}|keys-lost|${partition.number}`)
  let isSaid = store.keysLost() === null
  const round = async () => {
    const lost = store.keysLost()
    if (isSaid || lost === null || !hasCaughtUp(partition)) return
    const detail = { because: lost.what ?? null, saidAt: lost.atMs }
    const note = { ...byItself, action: 'keys-lost', request: null, counts: {}, detail } as const
    let upTo = 0
    for (const tenant of audit.ends.keys()) {
      const once = `keys-lost|${lost.atMs}|${tenant}`
      upTo = (await append({ clear: { kind: 'noted', tenant }, personal: null, note }, once)).sequence
    }
    if (partition.committed < upTo) return
    await caughtUp(partition)
    // The data has other keys now, and says so.
    if (keysTrouble(store.keysKnown(), keys) !== null) return
    await store.forgetKeysLost()
    isSaid = true
  }
  return repeat(round, roundEveryMs, () => counts.add('ringtrail_notes_failed_total', []))
}
