import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Input } from './input.ts'
import { checkInvariants } from './invariants.ts'
import type { Outcome } from './outcome.ts'
import { began, number, policyOf, signal, site, type Story, tell } from './story.ts'
import type { PhoneNumber, VisitorId } from './words.ts'

const first = number(0)
const kinds = (outcomes: Outcome[]) => outcomes.map(outcome => outcome.kind)
const lent = (outcomes: Outcome[]) => outcomes.find(outcome => outcome.kind === 'number-lent')
const matchOf = (story: Story, second: number, call: string, b: PhoneNumber, a: string | null = null) => {
  story.signal(second, call, b, { a })
  return story.call(call).match
}

test('[V1] [A4] a visit opens a session and is lent the number that has been free longest', () => {
  const story = tell(policyOf(2))
  expect(kinds(story.hello(1, 'anna'))).toEqual(['session-opened', 'number-lent', 'page-viewed'])
  expect(lent(story.hello(2, 'bo'))).toMatchObject({ number: number(1), shared: false })
  expect(kinds(story.hello(3, 'anna', 'tab2'))).toEqual(['session-joined', 'number-kept', 'page-viewed'])
})

test.each([
  [1, 'exact'],
  [60, 'exact'],
  [61, 'tail'],
  [120, 'tail'],
  [121, 'cooldown'],
  [180, 'cooldown'],
  [181, 'cooldown'],
])('[E5] [M3] [M4] [M5] [M13] a ring %d s after the visit began is %s', (second, kind) => {
  const story = tell(policyOf(1))
  story.hello(1, 'anna')
  expect(matchOf(story, second, 'c', first).kind).toBe(kind)
})

test('[E1] [E6] a gap stays a gap: a ring in it is tail, whenever it is asked', () => {
  const story = tell(policyOf(1))
  const [opened] = story.hello(0, 'anna')
  const session = opened?.kind === 'session-opened' ? opened.session : ''
  story.beat(90, session)
  story.signal(95, 'late', first, { statedAt: 70 })
  story.signal(96, 'now', first)
  expect(story.call('late').match.kind).toBe('tail')
  expect(story.call('now').match.kind).toBe('exact')
})

test('[E5] a late ring goes to the previous holder', () => {
  const story = tell(policyOf(1))
  const [anna] = story.hello(0, 'anna')
  story.hello(200, 'bo')
  story.signal(210, 'c', first, { statedAt: 30 })
  expect(story.call('c').match).toMatchObject({
    kind: 'exact',
    session: anna?.kind === 'session-opened' && anna.session,
  })
})

test('[A5] an empty pool shares the number whose last claim ends first, and both are candidates', () => {
  const story = tell(policyOf(2))
  story.hello(0, 'anna')
  story.hello(10, 'bo')
  expect(lent(story.hello(20, 'cai'))).toMatchObject({ number: first, shared: true })
  const match = matchOf(story, 21, 'c', first)
  expect(match.kind).toBe('shared')
  expect(match.candidates).toHaveLength(2)
  expect(match.candidates.reduce((sum, one) => sum + one.confidence, 0)).toBeLessThan(1_000)
})

test('[A5] or shows the page’s own where the policy says fallback', () => {
  const story = tell(policyOf(1, { overflow: 'fallback' }))
  story.hello(0, 'anna')
  expect(kinds(story.hello(1, 'bo'))).toContain('fallback-shown')
})

test('[A4] a number is lent again when its cool-down has ended, not a second before', () => {
  const story = tell(policyOf(1, { overflow: 'fallback' }))
  story.hello(0, 'anna')
  expect(lent(story.hello(179, 'bo'))).toBeUndefined()
  expect(lent(story.hello(180, 'cai'))).toMatchObject({ number: first, shared: false })
})

test('[L1] time does not run back, nor through a restart', () => {
  const story = tell(policyOf(1))
  story.hello(0, 'anna')
  story.pulse(70)
  story.restart()
  story.signal(10, 'c', first, { statedAt: null })
  expect(story.call('c')).toMatchObject({ rangAt: began + 70_000, match: { kind: 'tail' } })
})

test('[A3] who comes back gets the same number, and nobody else has a claim on it', () => {
  const story = tell(policyOf(3))
  story.hello(0, 'anna')
  story.hello(1, 'bo')
  const back = story.hello(150, 'anna')
  expect(kinds(back).slice(0, 2)).toEqual(['session-ended', 'session-opened'])
  expect(lent(back)).toMatchObject({ number: first, sticky: true, shared: false })
  expect(matchOf(story, 151, 'c', first).kind).toBe('exact')
})

test('[V6] consent withdrawn: the call is nobody’s, and the number rests', () => {
  const story = tell(policyOf(2))
  story.hello(0, 'anna')
  story.at(5, { kind: 'consent-withdrawn', tenant: 'acme', site, visitor: 'anna' as VisitorId })
  expect(matchOf(story, 6, 'c', first).kind).toBe('none')
  expect(lent(story.hello(7, 'bo'))).toMatchObject({ number: number(1) })
})

test('[M7] [M8] [M10] static, returning, and unknown numbers', () => {
  const story = tell(policyOf(1))
  story.hello(0, 'anna')
  matchOf(story, 1, 'c1', first, 'caller')
  expect(matchOf(story, 2, 'c2', '+4570001111' as PhoneNumber, 'caller')).toMatchObject({
    kind: 'static',
    confidence: 1_000,
  })
  expect(matchOf(story, 3, 'c3', '+4599999999' as PhoneNumber, 'caller')).toMatchObject({ kind: 'returning' })
  expect(matchOf(story, 4, 'c4', '+4599999999' as PhoneNumber, null)).toMatchObject({
    kind: 'none',
    confidence: 0,
  })
})

test('[M1] a clock a little ahead is brought back, one far ahead and one from before retention are refused', () => {
  const story = tell(policyOf(1))
  story.hello(0, 'anna')
  story.signal(10, 'ahead', first, { statedAt: 100 })
  expect(story.call('ahead')).toMatchObject({ rangAt: began + 10_000, match: { kind: 'exact' } })
  expect(story.call('ahead').match.reasons).toContain('clock-ahead')
  expect(story.signal(11, 'far', first, { statedAt: 1_000 })).toMatchObject([
    { kind: 'refused', problem: 'from-the-future' },
  ])
  expect(story.signal(12, 'old', first, { statedAt: -61 * 86_400 })).toMatchObject([
    { kind: 'refused', problem: 'before-retention' },
  ])
})

test('[C2] the same signal again is answered as before, another story is a conflict', () => {
  const story = tell(policyOf(2))
  story.hello(0, 'anna')
  story.signal(1, 'c', first)
  expect(story.signal(2, 'c', first)).toMatchObject([{ kind: 'call-repeated', match: { kind: 'exact' } }])
  expect(story.signal(3, 'c', number(1))).toMatchObject([{ kind: 'refused', problem: 'call-conflict' }])
})

test('[L2] a message that comes again has no effect', () => {
  const story = tell(policyOf(1))
  story.at(1, signal('c', first), { counter: 50, sequence: 50 })
  expect(story.at(2, signal('d', first), { counter: 50, sequence: 51 })).toEqual([
    { kind: 'repeated', what: 'message' },
  ])
  expect(kinds(story.at(3, signal('e', first), { counter: 49, sequence: 52 }))).toEqual(['call-changed'])
  expect(kinds(story.at(4, signal('f', first), { counter: 49, sequence: 53 }))).toEqual(['repeated'])
})

test('[E4] [E7] a session that is over is announced once, with the moment it was over', () => {
  const story = tell(policyOf(1))
  story.hello(0, 'anna')
  expect(story.pulse(119)).toEqual([])
  expect(story.pulse(120)).toMatchObject([
    { kind: 'session-ended', endedAt: began + 60_000, because: 'idle' },
  ])
  expect(story.pulse(121)).toEqual([])
})

const parts = [
  { state: 'ring', statedAt: 10 },
  { state: 'answer', statedAt: 15 },
  { state: 'end', statedAt: 50, reason: 'completed' },
] as const

test('[C1] the record does not depend on the order in which its signals came, or how often', () => {
  const anyOrder = fc.shuffledSubarray([...parts, ...parts], { minLength: 6, maxLength: 6 })
  const record = (order: readonly (typeof parts)[number][]) => {
    const story = tell(policyOf(2))
    story.hello(0, 'anna')
    order.forEach((said, place) => {
      story.signal(60 + place, 'c', first, said)
    })
    const { history, ...standing } = story.call('c')
    return standing
  }
  const wanted = record([...parts])
  expect(wanted).toMatchObject({
    outcome: 'answered',
    ringMs: 5_000,
    talkMs: 35_000,
    qualified: true,
    match: { kind: 'exact' },
  })
  fc.assert(
    fc.property(anyOrder, order => void expect(record(order)).toEqual(wanted)),
    { numRuns: 100 },
  )
})

test('a policy that is none is set aside as a whole: nothing is changed by it', () => {
  const story = tell(policyOf(1))
  const broken = { kind: 'configured', tenant: 'acme', version: 'v2', policy: {} } as unknown as Input
  expect(() => story.at(1, broken)).toThrow('could not be decided')
  checkInvariants(story.state())
  expect(kinds(story.hello(2, 'anna'))).toContain('number-lent')
})
