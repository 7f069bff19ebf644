import { limits } from '../core/limits.ts'
import { policiesOf } from '../core/state.ts'
import type { Partition } from './partition.ts'

const everyMs = 1_000

/** Removes page views and engagements whose retention is over, by log time, a bounded page at a time. */
export function startRetention(partition: Partition): () => void {
  let running = false
  const timer = setInterval(async () => {
    if (running || partition.stopped !== null) return
    running = true
    try {
      for (const policy of policiesOf(partition.state)) {
        const before = partition.state.now - policy.retentionMs
        if (before > 0) await partition.store.forgetHistory(policy.tenant, before, limits.forgetPerPulseMax)
      }
    } catch {
      partition.counts.add('ringtrail_commit_failures_total', [])
    }
    running = false
  }, everyMs)
  return () => clearInterval(timer)
}
