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
