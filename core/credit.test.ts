import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CreditModel, creditModels, creditParts, placed, sharesOf } from './credit.ts'
import { halved } from './halving.ts'
import { limits } from './limits.ts'
import type { Match, Touch } from './outcome.ts'
import { callDefaults, type Source } from './policy.ts'
import { pathOf } from './shownCall.ts'
import type { LogTime, SessionId } from './words.ts'

const day = 86_400_000
const from = (source: string, medium = 'cpc'): Source => ({
  source,
  medium,
  campaign: null,
  content: null,
  keyword: null,
})
const direct = from('(direct)', '(none)')
const touch = (source: Source, daysAgo: number): Touch => ({
  at: (1_000 * day - daysAgo * day) as LogTime,
  session: `s${daysAgo}` as SessionId,
  source,
})
const nobody: Match = {
  kind: 'none',
  confidence: 0 as Match['confidence'],
  session: null,
  visitor: null,
  source: null,
  candidates: [],
  reasons: [],
}
const rangAt = (1_000 * day) as LogTime
const sharedBy = (path: readonly Pick<Touch, 'at' | 'source'>[], model: CreditModel, halfLifeMs?: number) =>
  sharesOf(path.map(placed), model, halfLifeMs ?? callDefaults.halfLifeMs)
/** By source, without those that get nothing. */
const partsOf = (touches: readonly Touch[], model: CreditModel, halfLifeMs?: number) =>
  sharedBy(touches, model, halfLifeMs)
    .map((parts, place) => [touches[place]?.source.source, parts] as const)
    .filter(([, parts]) => parts > 0)

const path = [touch(from('google'), 14), touch(from('bing'), 7), touch(from('mail'), 3), touch(direct, 0)]

test.each<[CreditModel, (readonly [string, number])[]]>([
  ['first-touch', [['google', 1_000_000]]],
  ['last-touch', [['(direct)', 1_000_000]]],
  ['last-non-direct', [['mail', 1_000_000]]],
  [
    'linear',
    [
      ['google', 250_000],
      ['bing', 250_000],
      ['mail', 250_000],
      ['(direct)', 250_000],
    ],
  ],
  [
    'position-based',
    [
      ['google', 400_000],
      ['bing', 100_000],
      ['mail', 100_000],
      ['(direct)', 400_000],
    ],
  ],
])('[T5] %s of google, bing, mail, direct', (model, wanted) => {
  expect(partsOf(path, model)).toEqual(wanted)
})

test('[T5] of one all, of two one half each by position', () => {
  const two = path.slice(0, 2)
  for (const model of creditModels)
    expect(partsOf(path.slice(0, 1), model)).toEqual([['google', creditParts]])
  expect(partsOf(two, 'position-based')).toEqual([
    ['google', 500_000],
    ['bing', 500_000],
  ])
})

test('[T5] a direct visit is credited where there is nothing else', () => {
  expect(partsOf([touch(direct, 9), touch(direct, 0)], 'last-non-direct')).toEqual([
    ['(direct)', creditParts],
  ])
})

test('[T5] without touches the source of the match has it all; with neither, nobody has', () => {
  const source = from('print', 'offline')
  const printed = pathOf({ touches: [], rangAt, match: { ...nobody, source } })
  expect(printed).toEqual([{ at: rangAt, session: null, source }])
  const unknown = pathOf({ touches: [], rangAt, match: nobody })
  for (const model of creditModels) {
    expect(sharedBy(printed, model)).toEqual([creditParts])
    expect(sharedBy(unknown, model)).toEqual([])
  }
  expect(pathOf({ touches: path, rangAt, match: { ...nobody, source } })).toEqual(path)
})

test('[T6] a week makes half as much, or what the tenant says', () => {
  expect(partsOf([touch(from('google'), 7), touch(from('bing'), 0)], 'time-decay')).toEqual([
    ['google', 333_333],
    ['bing', 666_667],
  ])
  expect(partsOf([touch(from('google'), 7), touch(from('bing'), 0)], 'time-decay', 14 * day)).toEqual([
    ['google', 414_214],
    ['bing', 585_786],
  ])
  expect(partsOf([touch(from('google'), 900), touch(from('bing'), 0)], 'time-decay')).toEqual([
    ['bing', creditParts],
  ])
})

test('[T6] the table halves as 2^(−x) does', () => {
  expect(halved(0, day)).toBe(2 ** 30)
  for (const [age, half] of [
    [1, 7],
    [day, 7 * day],
    [10 * day, 7 * day],
    [100 * day, 7 * day],
    [3, 1_000_000_007],
  ]) {
    const wanted = 2 ** 30 * 2 ** (-(age as number) / (half as number))
    expect(Math.abs(halved(age as number, half as number) - wanted)).toBeLessThan(1 + wanted / 50_000)
  }
  expect(halved(400 * day, day)).toBe(0)
})

test('[T7] of three, the part that is left goes to the last', () => {
  expect(partsOf(path.slice(0, 3), 'linear')).toEqual([
    ['google', 333_333],
    ['bing', 333_333],
    ['mail', 333_334],
  ])
})

test('[T7] whatever the path, the parts of each model are whole, and a million together', () => {
  const paths = fc.array(fc.record({ ago: fc.nat({ max: 400 * day }), isDirect: fc.boolean() }), {
    minLength: 1,
    maxLength: limits.touchesPerCallMax,
  })
  const told = (steps: readonly { ago: number; isDirect: boolean }[], halfLifeMs: number) => {
    const touches = steps
      .map(({ ago, isDirect }) => touch(isDirect ? direct : from('google'), ago / day))
      .sort((one, other) => one.at - other.at)
    for (const model of creditModels) {
      const parts = sharedBy(touches, model, halfLifeMs)
      expect(parts).toHaveLength(touches.length)
      expect(parts.every(one => Number.isSafeInteger(one) && one >= 0)).toBe(true)
      expect(parts.reduce((sum, one) => sum + one, 0)).toBe(creditParts)
    }
  }
  fc.assert(fc.property(paths, fc.integer({ min: 1, max: 400 * day }), told))
})
