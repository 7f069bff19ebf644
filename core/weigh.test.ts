import { expect, test } from 'vitest'
import type { PoolPolicy } from './policy.ts'
import { number, policyOf, type Story, tell } from './story.ts'
import { weights } from './weights.ts'

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
const { quiet, shown, clicked, caller, rested, busy } = weights

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
