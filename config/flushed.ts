import { setTimeout as wait } from 'node:timers/promises'

const askedAgainMs = 100

/**
 * Resolves to whether everything so far survives a power cut; false: the disk did not take it. The flush of a commit that
 * fails never ends, and it may be the one that was asked for: so it is asked again, and what a later flush has holds all that
 * was committed before.
 */
export async function isFlushed(environment: { readonly flushed: Promise<unknown> }): Promise<boolean> {
  let ended = endOf(environment.flushed)
  for (;;) {
    const isThere = await Promise.race([ended, wait(askedAgainMs, null, { ref: false })])
    if (isThere !== null) return isThere
    ended = Promise.race([ended, endOf(environment.flushed)])
  }
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
