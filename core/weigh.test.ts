import { expect, test } from 'vitest'
import type { PoolPolicy } from './policy.ts'
import { number, policyOf, type Story, tell } from './story.ts'
import { weights } from './weights.ts'
import type { PhoneNumber } from './words.ts'

const first = number(0)
const [minute, hour] = [60, 3_600]
const times = (weight: number, ...factors: number[]) =>
  factors.reduce((so, factor) => Math.trunc((so * factor) / 100), weight)
const share = (weight: number, others: number) => Math.trunc((1_000 * weight) / (weight + others))

/** A story in which Anna was lent the only number, was seen for two minutes, and somebody rings it. */
function ringing(after: number, a: string | null = 'kim', pool: Partial<PoolPolicy> = {}): Story {
  const story = tell(policyOf(1, pool))
  story.hello(1, 'anna')
  const [session] = [...story.state().tables.sessions.of('acme').entries()].map(([id]) => id)
  for (const second of [31, 61, 91, 121]) story.beat(second, session as string)
  story.signal(121 + after, 'c', first, { a })
  return story
}
const sureOf = (story: Story) => story.call('c').match.confidence as number
const { quiet, shown, clicked, caller, rested, busy, rung } = weights

test('[M14] [M15] [M16] one holder: what speaks for them beside somebody unknown', () => {
  const weight = times(quiet[0], shown[3], clicked[0], caller[0], rested[6])
  expect(sureOf(ringing(10))).toBe(share(weight, times(1_000, busy[0])))
})

test.each([
  [59, 0],
  [60, 1],
  [119, 1],
  [120, 2],
  [40 * minute, 7],
  [45 * minute, 8],
  [5 * hour, 11],
  [40 * hour, 13],
])('[M15] quiet for %d s stands at place %d', (after, place) => {
  const weight = times(quiet[place] as number, shown[3], clicked[0], caller[0], rested[6])
  expect(sureOf(ringing(after))).toBe(share(weight, times(1_000, busy[after < 12 * hour ? 0 : 0] as number)))
})

test('[M15] a withheld caller says something too', () => {
  const weight = times(quiet[0], shown[3], clicked[0], caller[4], rested[6])
  expect(sureOf(ringing(10, null))).toBe(share(weight, times(1_000, busy[0])))
})

test('[M15] the longer somebody is quiet, the less sure it is', () => {
  const sure = [10, 3 * minute, 15 * minute, hour].map(after => sureOf(ringing(after)))
  expect(sure).toEqual(sure.toSorted((one, other) => other - one))
  expect(new Set(sure).size).toBe(sure.length)
})

test('[M15] [M16] a number that somebody else had a moment ago, and one that many had, is less sure', () => {
  const after = (others: number) => {
    const story = tell(policyOf(1, { idleTimeoutMs: 60_000, tailMs: 0, coolDownMs: 0 }))
    for (let guest = 0; guest < others; guest++) story.hello(1 + 70 * guest, `guest${guest}`)
    const second = 1 + 70 * others
    story.hello(second, 'anna')
    story.signal(second + 30, 'c', first, { a: 'kim' })
    expect(story.call('c').match).toMatchObject({ kind: 'exact', visitor: 'anna' })
    return sureOf(story)
  }
  const sure = [0, 1, 30].map(after)
  expect(sure).toEqual(sure.toSorted((one, other) => other - one))
  expect(sure[0]).toBeGreaterThan(sure[2] as number)
})

test('[M15] a click on the number moments before it rings makes it nearly certain', () => {
  const story = tell(policyOf(1))
  story.hello(1, 'anna')
  const [session] = [...story.state().tables.sessions.of('acme').entries()].map(([id]) => id)
  story.at(100, {
    kind: 'engagement',
    tenant: 'acme',
    site: 'pk_test',
    visitor: 'anna' as never,
    freshSession: 'x' as never,
    tab: 'tab',
    targets: null,
    session: session as never,
    id: 2,
    action: 'click',
    number: first,
  })
  story.signal(108, 'c', first, { a: 'kim' })
  expect(sureOf(story)).toBeGreaterThan(950)
})

const day = 24 * hour
/** The log begins at eight in the morning of a day. */
const midnight = 16 * hour

/** Of this many numbers Anna has the first from the fifth day on, and it rings; before, others rang. */
function afterCalls(numbers: number, calls: readonly (readonly [second: number, b: PhoneNumber])[]): Story {
  const story = tell(policyOf(numbers))
  calls.forEach(([second, b], at) => {
    story.signal(second, `before${at}`, b, { a: null })
  })
  story.hello(5 * day, 'anna')
  story.signal(5 * day + 10, 'c', first, { a: 'kim' })
  expect(story.call('c').match).toMatchObject({ kind: 'exact', visitor: 'anna' })
  return story
}
const rings = (count: number, b: PhoneNumber, second = 3 * day) =>
  Array.from({ length: count }, (_, at) => [second + at, b] as const)
const weight = times(quiet[0], shown[0], clicked[0], caller[0], rested[6])
const withRung = (place: number) => share(weight, times(1_000, busy[0], rung[place] as number))

test.each([
  [0, 0, 0],
  [1, 0, 3],
  [1, 30, 0],
  [4, 0, 5],
  [4, 20, 2],
  [40, 0, 7],
])(
  '[M16] of ten numbers one that rang %d times, and others %d times, stands at place %d',
  (own, others, place) => {
    const calls = [...rings(own, first), ...rings(others, number(5))]
    expect(sureOf(afterCalls(10, calls))).toBe(withRung(place))
  },
)

test('[M16] where every number rings often, one that does is none the less sure', () => {
  expect(sureOf(afterCalls(1, rings(40, first)))).toBe(withRung(1))
  expect(
    sureOf(
      afterCalls(
        3,
        [0, 1, 2].flatMap(place => rings(40, number(place))),
      ),
    ),
  ).toBe(withRung(1))
})

test('[M16] it is looked at three whole days, the last one before the day on which a lateness before lies', () => {
  const sureAfter = (second: number) => sureOf(afterCalls(10, [[second, first]]))
  const [counted, not] = [withRung(3), withRung(0)]
  expect([midnight - 1, midnight, midnight + 3 * day - 1, midnight + 3 * day].map(sureAfter)).toEqual([
    ...[not, counted, counted, not],
  ])
})

test('[M16] calls to a number that is a source’s own are not counted', () => {
  const source = rings(30, '+4570001111' as PhoneNumber)
  expect(sureOf(afterCalls(10, [...rings(1, first), ...source]))).toBe(withRung(3))
})

test('[M16] [C11] a call that rang on another day than it seemed is counted there in what is made again', () => {
  const story = tell(policyOf(10))
  story.signal(3 * day, 'earlier', first, { a: 'kim', state: 'answer' })
  story.hello(5 * day, 'anna')
  story.signal(5 * day + 10, 'c', first, { a: 'kim' })
  const known = times(quiet[0], shown[0], clicked[0], caller[2], rested[6])
  expect(sureOf(story)).toBe(share(known, times(1_000, busy[0], rung[3])))
  story.signal(5 * day + 20, 'earlier', first, { a: 'kim', statedAt: 10 })
  expect(sureOf(story)).toBe(share(known, times(1_000, busy[0], rung[0])))
})

test('[M18] a signal that comes late has the same holder, and fewer claims from before speak', () => {
  const ringing = (late: number) => {
    const story = tell(policyOf(1, { stickyMs: 0 }))
    story.hello(1, 'guest')
    story.hello(hour, 'anna')
    story.signal(hour + 10 + late, 'c', first, { a: 'kim', statedAt: hour + 10 })
    return story.call('c').match
  }
  const [onTime, late] = [ringing(0), ringing(day)]
  expect(late).toMatchObject({ kind: onTime.kind, visitor: 'anna', session: onTime.session })
  const weight = times(quiet[0], shown[0], clicked[0], caller[0])
  expect(onTime.confidence).toBe(share(times(weight, rested[2]), times(1_000, busy[1])))
  expect(late.confidence).toBe(share(times(weight, rested[6]), times(1_000, busy[0])))
})
