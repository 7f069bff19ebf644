import type { Chance } from '../load/chance.ts'

/** Moments in milliseconds from 0 at which something is to happen, so many a second on average, independently (Poisson). */
export function arrivals(perSecond: number, seconds: number, chance: Chance): number[] {
  const moments: number[] = []
  let at = 0
  while (true) {
    at += (-Math.log(1 - chance.fraction()) * 1_000) / perSecond
    if (at >= seconds * 1_000) return moments
    moments.push(at)
  }
}
