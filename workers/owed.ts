import type { SubjectErased, TenantEnded } from '../core/input.ts'
import { subjectsNamed } from '../core/subjectNames.ts'
import { createAppending } from './append.ts'
import { entryAgain, sayable } from './facts.ts'
import type { Remembered } from './given.ts'
import { byItself } from './noting.ts'
import { caughtUp, hasCaughtUp, isOwing, type Partition } from './partition.ts'
import { firstAfterCopy, restoredNote } from './restored.ts'
import { repeat } from './rounds.ts'

/**
 * What data that was put back has lost. The key store, which is in no backup of the data, remembers every erasure and every fact;
 * what the store does not know when it is opened, and the log does not bring either, is put into the log again under its own
 * request. So every owner applies it at the same place, and whatever was put back is as it was decided the first time.
 */

const roundEveryMs = 250

/** Says again what is owed, until nothing is. Resolves, when stopped, after the round under way. */
export function startRepeating(partition: Partition, producer: string): () => Promise<void> {
  const say = createSaying(partition, producer)
  /** What is said up to here is applied before more is said. */
  let saidUpTo = 0
  const round = async () => {
    if (!isOwing(partition) || !hasCaughtUp(partition) || partition.applied < saidUpTo) return
    if (!partition.link.isConnected()) return
    // First of all, so that in each chain what is said again stands behind it.
    await caughtUp(partition)
    for (const end of [...partition.restored.values()]) saidUpTo = await say.restored(end)
    for (const { again } of inOrder(partition, say)) saidUpTo = await again()
  }
  return repeat(round, roundEveryMs, () => partition.counts.add('ringtrail_rights_failed_total', []))
}

/** An erasure ends a restriction, and comes before one that was asked for later. */
function inOrder({ erasures, facts, state }: Partition, say: ReturnType<typeof createSaying>) {
  const owed = [
    ...[...erasures.owed.values()].map(one => ({ atMs: one.atMs ?? 0, again: () => say.erasure(one) })),
    ...sayable(facts, state).map(one => ({ atMs: one.atMs, again: () => say.fact(one) })),
  ]
  return owed.sort((a, b) => a.atMs - b.atMs)
}

/** Each resolves to where in the log it stands. */
function createSaying(partition: Partition, producer: string) {
  const append = createAppending(partition, 'control', `${producer}|owed|${partition.number}`)
  return {
    erasure: async (erasure: Remembered) => {
      const clear = entryFor(erasure)
      const { kind: action, request } = clear
      const detail = { because: 'restored', ...(erasure.atMs && { firstAt: erasure.atMs }) }
      const subjects = erasure.given?.subjects ?? []
      const note = { ...byItself, action, request, subjects, counts: {}, detail }
      return (await append({ clear, personal: null, note })).sequence
    },
    fact: async (fact: Parameters<typeof entryAgain>[0]) =>
      (await append(entryAgain(fact), `again|${fact.tenant}|${fact.id}|${fact.change}`)).sequence,
    restored: async (end: Parameters<typeof restoredNote>[0]) => {
      const { tenant } = end
      const note = restoredNote(end, firstAfterCopy(partition.store, end))
      const clear = { kind: 'noted', tenant } as const
      const once = `restored|${end.restored?.id}|${tenant}`
      return (await append({ clear, personal: null, note }, once)).sequence
    },
  }
}

/** Of a tenant that has ended no names are remembered: it was everybody. */
function entryFor({ tenant, request, names }: Remembered): SubjectErased | TenantEnded {
  if (names.length === 0) return { kind: 'tenant-ended', tenant, request }
  return { kind: 'subject-erased', tenant, request, ...subjectsNamed(names) }
}
