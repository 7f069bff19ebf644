import { totalmem } from 'node:os'
import type { ResourceLimits } from 'node:worker_threads'
import { setFlagsFromString } from 'node:v8'

/**
 * How much memory the state of partitions may take, and when V8 looks for what is not needed any more. A state of a
 * million sessions is nearly 2 GB, and every look at all of it is a stop of 100 ms to 1.5 s for calls.
 */

/** The rest is for stores in the page cache, nats-server and the gateway. */
const shareOfMachine = 0.5

/**
 * - Every entry brings some small buffers from outside the heap. Left to itself, V8 looks at the whole heap for each
 *   64 MB of them, however large the heap; as part of the heap's own bound they count as what they are.
 * - Whenever little is going on V8 packs the heap as tight as it goes, in one stop.
 */
export const heapFlags: readonly string[] = [
  '--external-memory-accounted-in-global-limit',
  '--no-memory-reducer',
]

/** For the threads that begin after it; the heap of this one is made already and stays as it is. */
export function setHeapFlags(): void {
  for (const flag of heapFlags) setFlagsFromString(flag)
}

/** What one of so many threads may take; without it, 4 GB at most, however large the machine. */
export function heapLimits(threads: number, memoryBytes = memoryOfMachine()): ResourceLimits {
  return {
    maxOldGenerationSizeMb: Math.floor((memoryBytes * shareOfMachine) / Math.max(1, threads) / 2 ** 20),
  }
}

/** What a container may have counts, not what the machine around it has. */
function memoryOfMachine(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}
