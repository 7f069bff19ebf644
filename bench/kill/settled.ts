const settleWithinMs = 10_000
const askEveryMs = 100

/** Asks again and again, for ten seconds at most, until the answer is good; gives the last one. */
export async function settled<Value>(
  ask: () => Value | Promise<Value>,
  good: (value: Value) => boolean,
): Promise<Value> {
  const until = Date.now() + settleWithinMs
  for (;;) {
    const value = await ask()
    if (good(value) || Date.now() > until) return value
    await new Promise(resolve => setTimeout(resolve, askEveryMs))
  }
}
