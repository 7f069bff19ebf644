import { expect, test } from 'vitest'
import type { EndReason } from './input.ts'
import { checkInvariants } from './invariants.ts'
import { limits } from './limits.ts'
import type { CallRecord } from './outcome.ts'
import type { CallPolicy, TenantPolicy } from './policy.ts'
import { began, number, policyOf, type Story, tell } from './story.ts'
import { wholeCall } from './wholeCall.ts'
import type { LogTime, PhoneNumber, Pseudonym, VisitorId } from './words.ts'

const judged = (calls: Partial<CallPolicy>, policy: TenantPolicy = policyOf(2)): TenantPolicy => ({
  ...policy,
  calls: { ...policy.calls, ...calls },
})
const first = number(0)
const rectify = (call: string, a: string | null) =>
  ({
    kind: 'call-rectified',
    tenant: 'acme',
    request: 'r',
    carrier: 'generic',
    call,
    a: a as Pseudonym | null,
  }) as const
const erase = (visitors: string[], callers: string[]) =>
  ({
    kind: 'subject-erased',
    tenant: 'acme',
    request: 'r',
    visitors: visitors as VisitorId[],
    callers: callers as Pseudonym[],
  }) as const

test('[C5] how long it rang, how long they talked, and how long it all took are kept apart', () => {
  const story = tell(policyOf(1))
  story.signal(10, 'c', first, { statedAt: 0 })
  expect(story.call('c')).toMatchObject({ ringMs: null, talkMs: null, totalMs: null })
  story.signal(11, 'c', first, { state: 'end', statedAt: 9, reason: 'completed' })
  story.signal(12, 'c', first, { state: 'answer', statedAt: 4 })
  expect(story.call('c')).toMatchObject({ ringMs: 4_000, talkMs: 5_000, totalMs: 9_000 })
  story.signal(13, 'd', first, { state: 'end', statedAt: 9 })
  expect(story.call('d').totalMs).toBeNull()
})

test.each<[number, EndReason | null, string]>([
  [4.999, 'canceled', 'short'],
  [4.999, null, 'short'],
  [5, 'canceled', 'abandoned'],
  [5, 'no-answer', 'missed'],
  [1, 'busy', 'busy'],
  [1, 'failed', 'failed'],
])('[C6] over after %s s, because %s, unanswered: %s', (second, reason, outcome) => {
  const story = tell(policyOf(1))
  story.signal(20, 'c', first, { statedAt: 0 })
  story.signal(21, 'c', first, { state: 'end', statedAt: second, reason })
  expect(story.call('c').outcome).toBe(outcome)
})

test('[C6] how short is short says the tenant, and without a ring nobody knows', () => {
  const outcomeOf = (calls: Partial<CallPolicy>, withRing: boolean) => {
    const story = tell(judged(calls))
    if (withRing) story.signal(20, 'c', first, { statedAt: 0 })
    story.signal(21, 'c', first, { state: 'end', statedAt: 1, reason: 'canceled' })
    return story.call('c').outcome
  }
  expect(outcomeOf({ shortUnderMs: 0 }, true)).toBe('abandoned')
  expect(outcomeOf({ shortUnderMs: 1_001 }, true)).toBe('short')
  expect(outcomeOf({}, false)).toBe('abandoned')
})

const unknown = '+4599999999' as PhoneNumber
const duplicates = (story: Story, ...calls: string[]) =>
  calls.map(call => story.call(call).duplicateOf?.call ?? null)

test('[C9] who calls again shortly after, and gets to the same place, is a duplicate of the call before', () => {
  const story = tell(judged({ duplicateWithinMs: 60_000 }))
  story.signal(1, 'c1', first)
  story.signal(2, 'c2', number(1))
  story.signal(61.999, 'c3', first)
  story.signal(121.999, 'c4', first)
  // To another place, and by another caller.
  const elsewhere = { ...policyOf(2), targets: [], defaultForward: null }
  story.at(123, { kind: 'configured', tenant: 'acme', version: 'v2', policy: elsewhere })
  story.signal(124, 'c5', unknown)
  story.signal(125, 'c6', unknown)
  story.signal(126, 'c7', unknown, { a: 'a2' })
  expect(duplicates(story, 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7')).toEqual([
    ...[null, 'c1', 'c2', null, null, 'c5', null],
  ])
})

test('[C9] a withheld caller duplicates nothing, nor where the tenant does not ask for it', () => {
  const story = tell(policyOf(1))
  story.signal(1, 'c1', first, { a: null })
  story.signal(2, 'c2', first, { a: null })
  expect(duplicates(story, 'c1', 'c2')).toEqual([null, null])
  const off = tell(judged({ duplicateWithinMs: 0 }))
  off.signal(1, 'c1', first)
  off.signal(2, 'c2', first)
  expect(duplicates(off, 'c1', 'c2')).toEqual([null, null])
})

test('[C10] how long the number was shown when it rang', () => {
  const story = tell(policyOf(1))
  story.hello(1, 'anna')
  story.beat(30, 'anna1')
  story.signal(40, 'c1', first, { statedAt: 31 })
  story.signal(41, 'c2', '+4570001111' as PhoneNumber)
  story.signal(300, 'c3', unknown)
  expect(story.call('c1').shownMs).toBe(30_000)
  expect(story.call('c2')).toMatchObject({ match: { kind: 'static' }, shownMs: null })
  expect(story.call('c3')).toMatchObject({ match: { kind: 'returning' }, shownMs: null })
})

test('[C11] an earlier call that comes to light: later ones are not the first, are its duplicates, and it says who called', () => {
  const story = tell(policyOf(1))
  story.hello(1, 'anna')
  story.signal(500, 'c2', unknown)
  story.signal(501, 'c3', unknown)
  expect(story.call('c2')).toMatchObject({ firstTime: true, match: { kind: 'none' } })
  const outcomes = story.signal(510, 'c1', first, { statedAt: 20 })
  expect(outcomes).toMatchObject([
    { record: { call: 'c1' }, state: 'ring', corrects: false },
    { record: { call: 'c2' }, state: null, corrects: true },
    { record: { call: 'c3' }, state: null, corrects: true },
  ])
  for (const call of ['c2', 'c3'])
    expect(story.call(call)).toMatchObject({
      firstTime: false,
      match: { kind: 'returning', session: 'anna1' },
      touches: [{ session: 'anna1' }],
    })
  expect(duplicates(story, 'c1', 'c2', 'c3')).toEqual([null, 'c1', 'c2'])
  checkInvariants(story.state())
})

test('[C11] an earlier call is weighed in any match within lateness, and in a static one never', () => {
  const policy = { ...policyOf(1), latenessMs: 600_000 }
  for (const late of [false, true]) {
    const story = tell(policy)
    story.hello(1, 'anna')
    story.signal(20, 'c2', first, { statedAt: 20 })
    story.signal(21, 'c3', '+4570001111' as PhoneNumber, { statedAt: 21 })
    const [exact, fixed] = [story.call('c2').match, story.call('c3').match]
    expect([exact.kind, fixed.kind]).toEqual(['exact', 'static'])
    story.signal(late ? 700 : 22, 'c1', first, { statedAt: 10 })
    const again = story.call('c2').match
    expect(story.call('c3').match).toBe(fixed)
    expect(again).toMatchObject({ kind: 'exact', session: 'anna1' })
    // The first call went to her too: that she calls again is surer than that she calls.
    if (late) expect(again).toBe(exact)
    else expect(again.confidence).toBeGreaterThan(exact.confidence)
    expect(story.call('c2')).toMatchObject({ firstTime: false, duplicateOf: { call: 'c1' } })
    checkInvariants(story.state())
  }
})

test('[C11] a call that turns out to have rung later is no earlier call any more', () => {
  const story = tell(policyOf(1))
  story.signal(20, 'c1', first, { state: 'answer', statedAt: 5 })
  story.signal(21, 'c2', first, { statedAt: 10 })
  expect(story.call('c2')).toMatchObject({ firstTime: false, duplicateOf: { call: 'c1' } })
  story.signal(22, 'c1', first, { statedAt: 15 })
  expect(story.call('c2')).toMatchObject({ firstTime: true, duplicateOf: null })
  expect(story.call('c1')).toMatchObject({ firstTime: false, duplicateOf: { call: 'c2' } })
  checkInvariants(story.state())
})

test('[C11] a call that goes to make room is not made again', () => {
  const story = tell(policyOf(1), { callsPerTenantMax: 2 })
  story.signal(10, 'c1', first, { statedAt: 6 })
  story.signal(11, 'c2', first, { statedAt: 7 })
  const outcomes = story.signal(12, 'c3', first, { statedAt: 5 })
  expect(outcomes).toMatchObject([
    { kind: 'forgotten', keys: ['generic c1'] },
    { kind: 'call-changed', record: { call: 'c3' } },
  ])
  checkInvariants(story.state())
})

test('[C12] the record tells how it came to be as it is', () => {
  const story = tell(policyOf(1))
  story.hello(1, 'anna')
  story.signal(200, 'c', first, { state: 'answer' })
  story.signal(201, 'c', first, { statedAt: 2 })
  story.signal(202, 'c', first, { state: 'end', reason: 'completed' })
  story.at(203, rectify('c', 'a2'))
  story.at(204, erase(['anna'], []))
  const at = (second: number) => (began + second * 1_000) as LogTime
  const google = { source: 'google', medium: 'cpc', campaign: null, content: null, keyword: null }
  expect(story.call('c').history).toEqual([
    {
      revision: 1,
      at: at(200),
      because: 'answer',
      match: { kind: 'cooldown', confidence: 702, source: google },
    },
    {
      revision: 2,
      at: at(201),
      because: 'late-ring',
      match: { kind: 'exact', confidence: 914, source: google },
    },
    { revision: 3, at: at(202), because: 'end', match: null },
    { revision: 4, at: at(203), because: 'rectified', match: null },
    { revision: 5, at: at(204), because: 'erased', match: null },
  ])
})

test('[C12] of many revisions the first and the latest stay', () => {
  const story = tell(policyOf(1))
  story.signal(1, 'c', first)
  for (let turn = 2; turn < 40; turn++) story.at(turn, rectify('c', `a${turn}`))
  const revisions = story.call('c').history.map(one => one.revision)
  expect(revisions).toHaveLength(limits.revisionsPerCallMax)
  expect(revisions.slice(0, 2)).toEqual([1, 25])
  expect(revisions.at(-1)).toBe(39)
})

test('[P3] an erased caller’s calls are not each other’s duplicates any more', () => {
  const story = tell(policyOf(1))
  story.signal(1, 'c1', first)
  story.signal(2, 'c2', first)
  story.at(3, erase([], ['a1']))
  expect(duplicates(story, 'c2')).toEqual([null])
})

test('[P7] [P8] who turns out to have called duplicates their own calls', () => {
  const story = tell(policyOf(1))
  story.signal(1, 'c1', first, { a: 'kim' })
  story.signal(2, 'c2', first, { a: 'lis' })
  story.signal(3, 'c3', first, { a: 'kim' })
  expect(duplicates(story, 'c1', 'c2', 'c3')).toEqual([null, null, 'c1'])
  story.at(4, rectify('c2', 'kim'))
  expect(duplicates(story, 'c1', 'c2', 'c3')).toEqual([null, 'c1', 'c2'])
  story.at(5, rectify('c2', null))
  expect(duplicates(story, 'c1', 'c2', 'c3')).toEqual([null, null, 'c1'])
})

test('[L3] a row that was written before there were paths is read as one without, and goes on', () => {
  const story = tell(policyOf(1))
  story.hello(1, 'anna')
  story.signal(2, 'c', first)
  const record = story.call('c')
  const { totalMs, duplicateOf, shownMs, touches, history, ...old } = record
  expect(wholeCall(old)).toEqual({
    ...record,
    totalMs: null,
    duplicateOf: null,
    shownMs: null,
    touches: [],
    history: [],
  })
  story.state().tables.calls.restore('acme generic c', old as CallRecord)
  story.restart()
  story.signal(9, 'c', first, { state: 'end', reason: 'completed' })
  expect(story.call('c')).toMatchObject({ totalMs: 7_000, shownMs: null, touches: [] })
  expect(story.call('c').history).toMatchObject([{ revision: 2, because: 'end', match: null }])
  expect(wholeCall(record)).toEqual(record)
})
