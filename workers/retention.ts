import { limits } from '../core/limits.ts'
import type { TenantPolicy } from '../core/policy.ts'
import { policiesOf, type State } from '../core/state.ts'
import type { KeyStore } from './keys/keyStore.ts'
import type { Partition } from './partition.ts'
import { repeat } from './rounds.ts'
import type { Store } from './store.ts'

const everyMs = 1_000

/** Removes what was kept of events whose retention is over, by log time, a bounded page at a time. */
export function startRetention(partition: Partition): () => Promise<void> {
  return repeat(
    async () => {
      if (partition.stopped !== null) return
      const { state, store, keys, counts } = partition
      await forgetExpired(state, store)
      const destroyed = await destroyExpired(state, keys)
      counts.add('ringtrail_period_keys_destroyed_total', [], destroyed)
      partition.keysDueAt = nextKeysDueAt(state, keys)
    },
    everyMs,
    () => partition.counts.add('ringtrail_commit_failures_total', []),
  )
}

/** One page of each kind. Whose an entry is that was set aside cannot be known: it stays as long as any tenant's data may. */
export async function forgetExpired(state: State, store: Store): Promise<void> {
  const policies = policiesOf(state)
  for (const { tenant, retentionMs } of policies) {
    const before = state.now - retentionMs
    if (before > 0) await store.forgetHistory(tenant, before, limits.forgetPerPulseMax)
  }
  const longest = Math.max(...policies.map(policy => policy.retentionMs))
  const before = state.now - (policies.length === 0 ? limits.asideRetentionMs : longest)
  if (before > 0) await store.forgetAsides(before, limits.forgetPerPulseMax)
}

/** For how long what a period's key seals is kept: all of it (`retention`), or one field that goes earlier. */
function lifetimeMs({ retentionMs, fieldRetentionMs = {} }: TenantPolicy, name: string): number {
  return Math.min(retentionMs, fieldRetentionMs[name] ?? retentionMs)
}

/**
 * Destroys the keys of every stretch of time whose data has been kept for its lifetime, as the policy is now; from then on
 * no copy of it, in the log or in a backup, can be opened. Says how many.
 */
export async function destroyExpired(state: State, keys: Pick<KeyStore, 'destroyPeriods'>): Promise<number> {
  const policies = policiesByTenant(state)
  const { destroyed } = await keys.destroyPeriods(({ tenant, name, untilMs }) => {
    const policy = policies.get(tenant)
    return policy !== undefined && untilMs + lifetimeMs(policy, name) <= state.now
  })
  return destroyed.length
}

/** The earliest log time at which keys are due; null: none is. Time has to move then, although nothing else happens. */
export function nextKeysDueAt(state: State, keys: Pick<KeyStore, 'nextPeriods'>): number | null {
  const policies = policiesByTenant(state)
  let earliest: number | null = null
  for (const { tenant, name, untilMs } of keys.nextPeriods()) {
    const policy = policies.get(tenant)
    if (policy === undefined) continue
    const dueAt = untilMs + lifetimeMs(policy, name)
    if (earliest === null || dueAt < earliest) earliest = dueAt
  }
  return earliest
}

function policiesByTenant(state: State): Map<string, TenantPolicy> {
  return new Map(policiesOf(state).map(policy => [policy.tenant, policy]))
}
