import type { Judged } from './drive.ts'

/** How often an answer is right, beside how sure it was. */

/** Twenty bins of equal width. */
export const binsMax = 20

/** Figures of answers between two confidences, from 0 to 1. */
export type Bin = {
  readonly from: number
  readonly count: number
  readonly confidence: number
  readonly right: number
}

export type Reliability = {
  readonly calls: number
  readonly confidence: number
  readonly right: number
  /** The expected calibration error: how far the two lie apart in a bin, on the average over the answers. */
  readonly error: number
  readonly bins: readonly Bin[]
}

/** Of answers that name somebody: what names nobody claims nothing. */
export function named(judged: readonly Judged[]): Judged[] {
  return judged.filter(({ visitor }) => visitor !== null)
}

export function reliabilityOf(answers: readonly Pick<Judged, 'confidence' | 'isRight'>[]): Reliability {
  const sums = Array.from({ length: binsMax }, () => ({ count: 0, confidence: 0, right: 0 }))
  for (const { confidence, isRight } of answers) {
    const bin = sums[
      Math.min(binsMax - 1, Math.floor((confidence * binsMax) / 1_000))
    ] as (typeof sums)[number]
    bin.count += 1
    bin.confidence += confidence / 1_000
    bin.right += isRight ? 1 : 0
  }
  const calls = answers.length
  const total = (of: 'confidence' | 'right') => sums.reduce((sum, bin) => sum + bin[of], 0) / calls
  const apart = sums.reduce((sum, { confidence, right }) => sum + Math.abs(confidence - right), 0)
  const bins = sums.flatMap(({ count, confidence, right }, place): Bin[] =>
    count === 0
      ? []
      : [{ from: place / binsMax, count, confidence: confidence / count, right: right / count }],
  )
  return { calls, confidence: total('confidence'), right: total('right'), error: apart / calls, bins }
}
