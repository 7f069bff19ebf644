/**
 * Imported before anything else into a process, and into each of its threads: its clock is six days ahead of everybody
 * else's, and what it does once in a quarter of a minute or more seldom comes twenty times as often. So that what happens
 * after days, and in rounds of a minute, happens while somebody listens.
 */

const aheadMs = 6 * 86_400_000
const seldomMs = 15_000
const times = 20

const { now } = Date
Date.now = () => now() + aheadMs

type Timer = (work: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => unknown

for (const name of ['setTimeout', 'setInterval'] as const) {
  const timer = globalThis[name] as unknown as Timer
  const sooner: Timer = (work, ms = 0, ...given) => timer(work, ms >= seldomMs ? ms / times : ms, ...given)
  Object.assign(globalThis, { [name]: Object.assign(sooner, timer) })
}
