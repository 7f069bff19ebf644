import { setTimeout as wait } from 'node:timers/promises'

/**
 * How long an answer is waited for before it is asked for again; after the last it is false. In all it is less than a thread
 * may be silent for: where a disk hangs, it goes on saying where it stands.
 */
const waitedMs: readonly number[] = [100, 200, 400, 800, 1_600]

/**
 * Resolves to whether everything so far survives a power cut; false: the disk did not take it, or not within some seconds. The
 * flush of a commit that fails never ends, and it may be the one that was asked for: so it is asked again, and what a later
 * flush has holds all that was committed before.
 */
export async function isFlushed(
  environment: { readonly flushed: Promise<unknown> },
  waits = waitedMs,
): Promise<boolean> {
  const { promise: answered, resolve: answer } = Promise.withResolvers<boolean>()
  for (const ms of waits) {
    void endOf(environment.flushed).then(answer)
    const isThere = await Promise.race([answered, wait(ms, null, { ref: false })])
    if (isThere !== null) return isThere
  }
  return false
}

async function endOf(flush: Promise<unknown>): Promise<boolean> {
  try {
    await flush
    return true
  } catch (error) {
    const { commitError } = error as { commitError?: Promise<unknown> }
    // One that nobody hears ends the process.
    commitError?.catch(() => undefined)
    return false
  }
}
