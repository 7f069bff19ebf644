import { limits } from '../core/limits.ts'
import { nextPulseAt } from '../core/machine.ts'
import { createAppending } from './append.ts'
import { isCurrent, type Partition } from './partition.ts'

const lateByMs = 50

/**
 * Appends a pulse when time alone would change something: not before it is due by this machine's clock, and at most
 * one a second. A missing or a second pulse delays or repeats an announcement, never an answer. An owner that reads what
 * was long ago appends none: the time that it has come to is not now.
 */
export function createPulse(partition: Partition, producer: string, clock: () => number): () => void {
  const append = createAppending(partition, 'pulse', `${producer}|pulse|${partition.number}`)
  let lastAt = 0
  return () => {
    const due = isCurrent(partition) ? earlier(nextPulseAt(partition.state), partition.retentionDueAt) : null
    const now = clock()
    if (due === null || now < due + lateByMs || now - lastAt < limits.pulseEveryMs) return
    if (!partition.link.isConnected()) return
    lastAt = now
    partition.counts.add('ringtrail_pulses_total', [])
    append({ clear: { kind: 'pulse' }, personal: null }).catch(() =>
      partition.counts.add('ringtrail_pulses_failed_total', []),
    )
  }
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}
