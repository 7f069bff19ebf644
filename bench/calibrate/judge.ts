import type { Compared } from './compare.ts'
import type { Calibration } from './measure.ts'

/** What is promised of confidence, on traffic of which no weight was made: where it does not hold, in words. */

const overallMost = 0.02
const kindMost = 0.05
/** A kind with fewer answers is not judged. */
const judgedFrom = 500

export function missesOf(name: string, { overall, byKind }: Calibration): string[] {
  const misses = byKind
    .filter(([, { calls, error }]) => calls >= judgedFrom && error > kindMost)
    .map(
      ([kind, { error }]) => `${name}: ${kind} is ${error.toFixed(4)} off, at most ${kindMost} is promised`,
    )
  if (overall.error > overallMost)
    misses.push(`${name}: ${overall.error.toFixed(4)} off over all, at most ${overallMost} is promised`)
  return misses
}

/** Ways of others that are wrong no more often, where we attribute at least as many. */
export function lossesOf(all: readonly Compared[]): string[] {
  return all.flatMap(({ name, peers }) =>
    peers
      .filter(({ wrong, oursThere }) => oursThere === null || oursThere.wrong >= wrong)
      .map(peer => `${name}: ${peer.name} is wrong no more often`),
  )
}
