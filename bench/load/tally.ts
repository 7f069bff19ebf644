import type { MatchOnTheWire } from '../../core/wire/signal.ts'

/** One call whose visitor is known, and what was answered, or concluded where the answer was deferred. */
export type Judged = {
  readonly match: MatchOnTheWire
  readonly deferred: boolean
  readonly truth: string
  readonly shown: string
}

export type KindRow = {
  readonly kind: string
  readonly calls: number
  readonly share: number
  readonly right: number
  readonly wrong: number
  /** The mean of what was claimed, and the share that was right, both 0 to 1. */
  readonly claimed: number
  readonly earned: number
  /** The highest share that this sample still speaks for: with a higher one, so few would be right less than once in a hundred. */
  readonly earnedAtMost: number
  readonly overclaims: boolean
}

/** How seldom a sample has to be, if a claim were true, for the claim to count as too high. */
export const doubtBelow = 0.01

/** What each kind claimed and what it earned. A match without a visitor claims nothing and is neither right nor wrong. */
export function tally(judged: readonly Judged[]): KindRow[] {
  const kinds = [...new Set(judged.map(one => one.match.kind))].sort()
  return kinds.map(kind =>
    row(
      kind,
      judged.filter(one => one.match.kind === kind),
      judged.length,
    ),
  )
}

function row(kind: string, of: readonly Judged[], all: number): KindRow {
  const right = of.filter(one => one.match.visitor === one.truth).length
  const wrong = of.filter(one => one.match.visitor !== null && one.match.visitor !== one.truth).length
  const claimed = of.reduce((sum, one) => sum + one.match.confidence, 0) / of.length
  const earned = right / of.length
  const earnedAtMost = upperBound(right, of.length)
  const overclaims = claimed > earnedAtMost
  return {
    kind,
    calls: of.length,
    share: of.length / all,
    right,
    wrong,
    claimed,
    earned,
    earnedAtMost,
    overclaims,
  }
}

/** The exact binomial bound (Clopper and Pearson, one-sided): the share at which `right` of `count` or fewer become that seldom. */
export function upperBound(right: number, count: number): number {
  if (right >= count) return 1
  let low = right / count
  let high = 1
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (atMost(right, count, middle) > doubtBelow) low = middle
    else high = middle
  }
  return low
}

/** The probability that of `count` no more than `right` are right, if each is with probability `share`. */
function atMost(right: number, count: number, share: number): number {
  let term = count * Math.log1p(-share)
  let sum = Math.exp(term)
  for (let hits = 1; hits <= right; hits++) {
    term += Math.log((count - hits + 1) / hits) + Math.log(share) - Math.log1p(-share)
    sum += Math.exp(term)
  }
  return sum
}
