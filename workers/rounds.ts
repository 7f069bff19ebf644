import { setTimeout as wait } from 'node:timers/promises'

/** One writer: each work begins when the one before has ended, however that ended. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

export function oneAfterAnother(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }
}

/**
 * Does it again and again, one at a time. What fails is told to `failed` and done again the next time. What it gives ends
 * it, and resolves after the one under way.
 */
export function repeat(
  task: () => Promise<unknown>,
  everyMs: number,
  failed: () => void = () => undefined,
): () => Promise<void> {
  let running: Promise<unknown> | null = null
  const timer = setInterval(() => {
    running ??= task()
      .catch(failed)
      .finally(() => {
        running = null
      })
  }, everyMs)
  return async () => {
    clearInterval(timer)
    await running
  }
}

const restMsMax = 20

/**
 * For long work that is done a little at a time, where others share the thread and the processor: what it gives is awaited
 * after each piece, and rests for as long as that took.
 */
export function createRests(): () => Promise<void> {
  let began = performance.now()
  return async () => {
    await wait(Math.min(restMsMax, performance.now() - began))
    began = performance.now()
  }
}
