import type { PerMille } from './words.ts'

/**
 * How sure each kind is, in per mille, as a table of this rules version. The simulator, which knows the truth, holds
 * these figures to what they claim (`bench/simulate`).
 */

type Step = readonly [underMs: number, confidence: number]

const minute = 60_000

const tailSteps: readonly Step[] = [
  [minute, 900],
  [5 * minute, 850],
  [10 * minute, 780],
  [20 * minute, 700],
]
const tailBeyond = 600
const coolDownSteps: readonly Step[] = [
  [minute, 500],
  [5 * minute, 450],
  [10 * minute, 380],
]
const coolDownBeyond = 300

export const confidence = {
  exact: 970 as PerMille,
  static: 1000 as PerMille,
  none: 0 as PerMille,
} as const

/** The share that stays unknown among candidates, in per mille. */
export const sharedKnown = 900

function stepped(steps: readonly Step[], beyond: number, quietMs: number): PerMille {
  return (steps.find(([under]) => quietMs < under)?.[1] ?? beyond) as PerMille
}

/** `quietMs` is the time since the holder's last sign of life. */
export const tailConfidence = (quietMs: number): PerMille => stepped(tailSteps, tailBeyond, quietMs)
export const coolDownConfidence = (quietMs: number): PerMille =>
  stepped(coolDownSteps, coolDownBeyond, quietMs)
export const returningConfidence = (earlier: PerMille): PerMille => Math.trunc(earlier / 2) as PerMille
