import type { PerMille } from './words.ts'

/**
 * How sure each kind is, in per mille, as tables of this rules version (rules M3 to M9). The simulator holds the
 * core to these figures; how often they are right of real calls has not been measured yet.
 */

type Step = readonly [underMs: number, value: number]

const minute = 60_000

const tailSteps: readonly Step[] = [
  [2 * minute, 900],
  [5 * minute, 880],
  [10 * minute, 840],
  [15 * minute, 780],
  [20 * minute, 720],
  [30 * minute, 650],
]
const coolDownSteps: readonly Step[] = [
  [10 * minute, 500],
  [20 * minute, 450],
  [30 * minute, 400],
  [45 * minute, 350],
  [60 * minute, 300],
]
const tailWeightSteps: readonly Step[] = [
  [5 * minute, 30],
  [10 * minute, 20],
  [20 * minute, 12],
]

export const confidence = {
  exact: 970 as PerMille,
  static: 1000 as PerMille,
  none: 0 as PerMille,
} as const

/** What all holders of a shared number have together; the rest is left for somebody else. */
export const sharedKnown = 920

/** What speaks for one of several holders. */
export const weights = { alive: 100, coolDown: 4, click: 900, caller: 400 } as const
export const tailWeight = (quietMs: number): number => stepped(tailWeightSteps, 8, quietMs)

/** `quietMs` is the time since the holder's last sign of life. */
export const tailConfidence = (quietMs: number): PerMille => stepped(tailSteps, 600, quietMs) as PerMille
export const coolDownConfidence = (quietMs: number): PerMille =>
  stepped(coolDownSteps, 250, quietMs) as PerMille
export const returningConfidence = (earlier: PerMille): PerMille => Math.trunc(earlier / 2) as PerMille

function stepped(steps: readonly Step[], beyond: number, quietMs: number): number {
  for (const [under, value] of steps) if (quietMs < under) return value
  return beyond
}
