import { arrivals } from '../path/arrivals.ts'
import type { Caller } from '../path/callers.ts'
import { until } from '../path/openLoop.ts'
import type { Chance } from '../load/chance.ts'

/** A stretch of time in which calls ring at moments fixed beforehand, whatever else happens. */
export type Window = {
  /** From the intended moment of ringing to the answer, in milliseconds. */
  readonly latenciesMs: readonly number[]
  readonly kinds: Readonly<Record<string, number>>
}

export type Ringing = {
  readonly caller: Caller
  readonly numbers: readonly string[]
  readonly perSecond: number
  readonly chance: Chance
}

/** Rings for `seconds`, and for as long as `work`, begun with it, takes: then in further stretches of a second. */
export async function ringWhile(
  ringing: Ringing,
  seconds: number,
  work: () => Promise<void>,
): Promise<Window> {
  const latenciesMs: number[] = []
  const kinds: Record<string, number> = {}
  const answers: Promise<void>[] = []
  const state = { working: true }
  const working = work().finally(() => {
    state.working = false
  })
  let startedAt = performance.now()
  let length = seconds
  do {
    for (const moment of arrivals(ringing.perSecond, length, ringing.chance)) {
      const intendedAt = startedAt + moment
      await until(intendedAt)
      const number = ringing.chance.pick(ringing.numbers)
      const heard = (kind: string) => {
        latenciesMs.push(performance.now() - intendedAt)
        kinds[kind] = (kinds[kind] ?? 0) + 1
      }
      answers.push(ringing.caller.ring(number).then(heard, () => heard('refused')))
    }
    startedAt = Math.max(startedAt + length * 1_000, performance.now())
    length = Math.min(1, seconds)
  } while (state.working)
  await working
  await Promise.all(answers)
  return { latenciesMs, kinds }
}
