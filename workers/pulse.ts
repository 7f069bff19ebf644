import { limits } from '../core/limits.ts'
import { nextPulseAt } from '../core/machine.ts'
import { createAppending } from './append.ts'
import { isCurrent, type Partition } from './partition.ts'

const lateByMs = 50
/** How often it is looked whether something is due. */
const lookEveryMs = 100

/**
 * Appends a pulse when time alone would change something: not before it is due by this machine's clock, and at most
 * one a second, but soon again after one that left something. A missing or a second pulse delays or repeats an
 * announcement, never an answer. An owner that reads what was long ago appends none: the time that it has come to is not now.
 */
export function createPulse(partition: Partition, producer: string, clock: () => number): () => void {
  const append = createAppending(partition, 'pulse', `${producer}|pulse|${partition.number}`)
  const last = { at: 0, sequence: Infinity }
  let lookAt = 0
  const put = async (now: number) => {
    last.at = now
    last.sequence = Infinity
    partition.counts.add('ringtrail_pulses_total', [])
    try {
      last.sequence = (await append({ clear: { kind: 'pulse' }, personal: null })).sequence
    } catch {
      partition.counts.add('ringtrail_pulses_failed_total', [])
    }
  }
  return () => {
    const now = clock()
    // The clock may have been set back.
    if (now < lookAt && lookAt - now <= lookEveryMs) return
    const pending = isCurrent(partition) ? nextPulseAt(partition.state) : null
    const due = isCurrent(partition) ? earlier(pending, partition.retentionDueAt) : null
    if (due === null || now < due + lateByMs) {
      lookAt = now + lookEveryMs
      return
    }
    // The last one has been applied, and what was due by then is due still.
    const isLeft = partition.applied >= last.sequence && pending !== null && pending <= partition.state.now
    if (Math.abs(now - last.at) < (isLeft ? limits.pulseAgainMs : limits.pulseEveryMs)) return
    if (partition.link.isConnected()) void put(now)
  }
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}
