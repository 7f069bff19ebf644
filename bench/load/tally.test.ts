import { expect, test } from 'vitest'
import { type Judged, tally, upperBound } from './tally.ts'

function judged(kind: 'exact' | 'none', confidence: number, visitor: string | null): Judged {
  const match = { kind, confidence, session: visitor, visitor, source: null, candidates: [], reasons: [] }
  return { match, deferred: false, truth: 'anna', shown: 'assigned' }
}

test('a kind that is wrong more often than it says overclaims', () => {
  const calls = Array.from({ length: 100 }, (_, at) => judged('exact', 0.97, at < 80 ? 'anna' : 'bo'))
  expect(tally(calls)).toMatchObject([{ calls: 100, right: 80, wrong: 20, earned: 0.8, overclaims: true }])
})

test('a kind that is right as often as it says does not', () => {
  const calls = Array.from({ length: 100 }, (_, at) => judged('exact', 0.97, at < 97 ? 'anna' : 'bo'))
  expect(tally(calls)).toMatchObject([{ right: 97, overclaims: false }])
})

test('who names nobody claims nothing and is not wrong', () => {
  expect(tally([judged('none', 0, null)])).toMatchObject([
    { right: 0, wrong: 0, claimed: 0, overclaims: false },
  ])
})

test('the bound is the exact binomial one, and narrows to the share as the sample grows', () => {
  // All ten wrong: (1 − p)^10 = 0.01. One right of one: any share could be.
  expect(upperBound(0, 10)).toBeCloseTo(1 - 0.01 ** (1 / 10), 9)
  expect(upperBound(1, 1)).toBe(1)
  expect(upperBound(8, 10)).toBeGreaterThan(upperBound(800, 1_000))
  expect(upperBound(80_000, 100_000)).toBeCloseTo(0.803, 3)
})
