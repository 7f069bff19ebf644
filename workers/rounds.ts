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
