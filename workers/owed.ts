import type { SubjectErased, TenantEnded } from '../core/input.ts'
import { subjectsNamed } from '../core/subjectNames.ts'
import { createAppending } from './append.ts'
import type { Remembered } from './erasures.ts'
import { byItself } from './noting.ts'
import { hasCaughtUp, type Partition } from './partition.ts'
import { repeat } from './rounds.ts'

/**
 * Erasures that a restored store has lost. The key store, which is in no backup of the data, remembers every one; what
 * the store does not know when it is opened, and the log does not bring either, is put into the log again under its own
 * request. So every owner applies it at the same place, and whatever was restored is erased as it was the first time.
 */

const roundEveryMs = 250

/** Says again what is owed, until nothing is. Resolves, when stopped, after the round under way. */
export function startRepeating(partition: Partition, producer: string): () => Promise<void> {
  const say = createSaying(partition, producer)
  /** What is said up to here is applied before more is said. */
  let saidUpTo = 0
  const round = async () => {
    const { owed } = partition.erasures
    if (owed.size === 0 || !hasCaughtUp(partition) || partition.applied < saidUpTo) return
    if (!partition.link.isConnected()) return
    for (const erasure of [...owed.values()]) saidUpTo = await say(erasure)
  }
  return repeat(round, roundEveryMs, () => partition.counts.add('ringtrail_rights_failed_total', []))
}

/** Resolves to where in the log it stands. */
function createSaying(partition: Partition, producer: string) {
  const append = createAppending(partition, 'control', `${producer}|owed|${partition.number}`)
  return async (erasure: Remembered): Promise<number> => {
    const clear = entryFor(erasure)
    const { kind: action, request } = clear
    const note = { ...byItself, action, request, counts: {}, detail: { because: 'restored' } }
    return (await append({ clear, personal: null, note })).sequence
  }
}

/** Of a tenant that has ended no names are remembered: it was everybody. */
function entryFor({ tenant, request, names }: Remembered): SubjectErased | TenantEnded {
  if (names.length === 0) return { kind: 'tenant-ended', tenant, request }
  return { kind: 'subject-erased', tenant, request, ...subjectsNamed(names) }
}
