import { limits } from '../core/limits.ts'
import { policiesOf, type State } from '../core/state.ts'
import type { Partition } from './partition.ts'
import type { Store } from './store.ts'

const everyMs = 1_000

/** Removes what was kept of events whose retention is over, by log time, a bounded page at a time. */
export function startRetention(partition: Partition): () => void {
  let running = false
  const timer = setInterval(async () => {
    if (running || partition.stopped !== null) return
    running = true
    try {
      await forgetExpired(partition.state, partition.store)
    } catch {
      partition.counts.add('ringtrail_commit_failures_total', [])
    }
    running = false
  }, everyMs)
  return () => clearInterval(timer)
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
