import type { MatchOnTheWire } from '../../core/wire/signal.ts'

/** One call whose visitor is known, and what was answered. */
export type Judged = { readonly match: MatchOnTheWire; readonly truth: string; readonly shown: string }

export type KindRow = {
  readonly kind: string
  readonly calls: number
  readonly share: number
  readonly right: number
  readonly wrong: number
  /** The mean of what was claimed, and the share that was right, both 0 to 1. */
  readonly claimed: number
  readonly earned: number
  /** The highest share that a sample with this result still speaks for (Wilson's bound, one in a hundred). */
  readonly earnedAtMost: number
  readonly overclaims: boolean
}

const deviations = 2.326

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

/** Wilson's upper bound of a share of which `right` of `count` were seen. */
export function upperBound(right: number, count: number): number {
  const share = right / count
  const z = deviations * deviations
  const middle = share + z / (2 * count)
  const reach = deviations * Math.sqrt((share * (1 - share)) / count + z / (4 * count * count))
  return (middle + reach) / (1 + z / count)
}
