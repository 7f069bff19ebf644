import { createChance } from '../load/chance.ts'
import { calibrationShapes } from './shapes.ts'
import type { Shape } from './shape.ts'

/** With the chosen ones, from these the weights are made. */
export const drawnToCalibrate = (): Shape[] => drawnShapes(48, 11_001).map(shape => ({ ...shape, days: 10 }))

/** Looked at while the rules were made, and no weight was ever made from them. */
export const drawnBefore = (): Shape[] => drawnShapes(10, 7_001)

/** Measured as the last ones once, and found wanting: what was changed then was measured on others. */
export const drawnSince = (): Shape[] => drawnShapes(10, 31_001)

/** Measured once, after all else was done: forty, and the first ten by themselves. */
export const drawnLast = (): Shape[] => drawnShapes(40, 41_001)
export const firstOfLast = (): Shape[] => drawnShapes(10, 41_001)

/** Shapes that nobody chose: each share and each size is drawn. */
export function drawnShapes(count: number, seed: number): Shape[] {
  const chance = createChance(seed)
  const between = (least: number, most: number) => least + chance.fraction() * (most - least)
  const whole = (least: number, most: number) => Math.round(between(least, most))
  const [middling] = calibrationShapes as readonly [Shape, ...Shape[]]
  return Array.from({ length: count }, (_, at) => ({
    ...middling,
    name: `drawn ${at + 1}`,
    seed: seed + at,
    visitsPerDay: whole(800, 3_000),
    load: chance.pick(['office', 'evening', 'flat']),
    mobile: between(0.1, 0.9),
    visitMinutes: between(1, 6),
    leftOpen: between(0.03, 0.3),
    laptopClosed: between(0.02, 0.15),
    comesBack: between(0.1, 0.45),
    cookieLost: between(0.05, 0.3),
    calls: between(0.06, 0.14),
    taps: between(0.5, 0.95),
    tapsInVain: between(0.005, 0.03),
    late: between(0.05, 0.4),
    lateMinutes: between(8, 40),
    lateSpread: between(1, 1.5),
    fromNote: between(0.01, 0.15),
    passedOn: between(0.02, 0.12),
    secondDevice: between(0.02, 0.1),
    callsAgain: between(0.15, 0.8),
    againHours: between(3, 60),
    withheld: between(0.02, 0.15),
    switchboard: between(0.01, 0.3),
    copied: between(0, 0.12),
    numbersCopied: whole(1, 4),
    misdials: between(0.01, 0.1),
    cached: between(0, 0.02),
    pool: {
      size: whole(40, 500),
      idleMinutes: 5,
      tailMinutes: whole(5, 45),
      coolDownMinutes: whole(0, 40),
      stickyHours: 24,
      overflow: chance.pick(['share', 'share', 'fallback']),
    },
  }))
}
