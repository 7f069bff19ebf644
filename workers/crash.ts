import { causeOf, createLastLogger } from '../config/logger.ts'
import type { Owned } from './open.ts'

const closedWithinMs = 2_000

/**
 * A thread that dies of an error closes its stores first: LMDB's own threads would go on with memory of an isolate that is
 * gone, and take the whole process along (SIGSEGV, seen). Nothing more is committed: what is not on the disk is derived
 * again from the log by the thread's successor.
 */
export function closeStoresBeforeDying(owned: readonly Owned[], logLevel: string): void {
  let isDying = false
  // Heard again and again: while it closes another timer may throw, and without anybody who hears that it would be gone at once.
  process.on('uncaughtException', error => {
    if (isDying) return
    isDying = true
    createLastLogger(logLevel).error(causeOf(error), 'thread_crashed')
    for (const { partition } of owned) partition.stopped ??= 'invariant'
    const closed = Promise.all(
      owned.flatMap(({ partition: { store, keys } }) => [store.close(), keys.close()]),
    )
    const late = new Promise(resolve => setTimeout(resolve, closedWithinMs))
    void Promise.race([closed.catch(() => undefined), late]).then(() => process.exit(1))
  })
}
