import { expect, test } from 'vitest'
import type { Input } from './input.ts'
import { checkInvariants } from './invariants.ts'
import type { CallPolicy, Source } from './policy.ts'
import { began, hello, number, policyOf, site, type Story, tell } from './story.ts'
import type { PhoneNumber, Pseudonym, SessionId, VisitorId } from './words.ts'

const first = number(0)
const source = (name: string, more: Partial<Source> = {}): Source => ({
  source: name,
  medium: 'cpc',
  campaign: null,
  content: null,
  keyword: null,
  ...more,
})
const direct = source('(direct)', { medium: '(none)' })

const visit = (who: string, fresh: string, from: Source): Input => ({
  ...(hello(who, fresh) as Extract<Input, { kind: 'hello' }>),
  page: { id: 1, source: from },
})
const page = (who: string, session: string, id: number, from: Source): Input => ({
  kind: 'page',
  tenant: 'acme',
  site,
  visitor: who as VisitorId,
  freshSession: 'fresh' as SessionId,
  session: session as SessionId,
  tab: 'tab',
  targets: null,
  page: { id, source: from },
})
const pathOf = (story: Story, call: string) =>
  story
    .call(call)
    .touches.map(({ at, session, source: from }) => [(at - began) / 1_000, session, from.source])

const lasting = (calls: Partial<CallPolicy> = {}) => {
  const policy = policyOf(1, { idleTimeoutMs: 600_000, tailMs: 600_000 })
  return { ...policy, calls: { ...policy.calls, ...calls } }
}

test('[T1] a visit is a touch, and a page that was come to from elsewhere is another', () => {
  const story = tell(lasting())
  story.at(1, visit('anna', 's1', source('google')))
  story.at(2, page('anna', 's1', 2, direct))
  story.at(3, page('anna', 's1', 3, source('google')))
  story.at(4, page('anna', 's1', 4, source('google', { campaign: 'spring' })))
  story.at(5, page('anna', 's1', 5, source('mail')))
  // A repeat counts for nothing.
  story.at(6, page('anna', 's1', 5, source('bing')))
  story.at(7, page('anna', 's1', 6, source('mail')))
  story.signal(8, 'c', first)
  expect(pathOf(story, 'c')).toEqual([
    [1, 's1', 'google'],
    [4, 's1', 'google'],
    [5, 's1', 'mail'],
  ])
  checkInvariants(story.state())
})

test('[T1] what is direct by its medium too is no touch of its own; a tagged link without a source is', () => {
  const story = tell(lasting())
  story.at(1, visit('anna', 's1', source('google')))
  story.at(2, page('anna', 's1', 2, { ...direct, medium: 'email' }))
  story.signal(8, 'c', first)
  expect(pathOf(story, 'c')).toEqual([
    [1, 's1', 'google'],
    [2, 's1', '(direct)'],
  ])
})

test('[T1] a visit that began without a page is a touch from its beginning, when its source is known', () => {
  const story = tell(lasting())
  story.at(1, { ...(hello('anna', 's1') as Extract<Input, { kind: 'hello' }>), page: null })
  story.signal(2, 'c1', first)
  story.at(3, page('anna', 's1', 1, source('google')))
  story.signal(4, 'c2', first)
  expect(pathOf(story, 'c1')).toEqual([])
  expect(pathOf(story, 'c2')).toEqual([[1, 's1', 'google']])
})

test('[T2] of many touches of one visit the first and the latest are remembered', () => {
  const story = tell(lasting(), { touchesPerSessionMax: 2 })
  story.at(1, visit('anna', 's1', source('google')))
  for (const place of [2, 3, 4, 5]) story.at(place, page('anna', 's1', place, source(`from${place}`)))
  story.restart()
  story.signal(9, 'c', first)
  expect(pathOf(story, 'c').map(one => one[2])).toEqual(['google', 'from4', 'from5'])
})

/** Anna comes from google, from bing, and directly, a day between each, and calls half an hour later. */
function threeVisits(calls: Partial<CallPolicy> = {}) {
  const story = tell(lasting(calls))
  story.at(0, visit('anna', 's1', source('google')))
  story.at(86_400, visit('anna', 's2', source('bing')))
  story.at(86_401, visit('bo', 'bos', source('mail')))
  story.at(172_800, visit('anna', 's3', direct))
  return story
}

test('[T3] the path leads over the visits before, on this site and of this visitor, up to the ring', () => {
  const story = threeVisits()
  story.signal(172_900, 'c', first)
  expect(pathOf(story, 'c')).toEqual([
    [0, 's1', 'google'],
    [86_400, 's2', 'bing'],
    [172_800, 's3', '(direct)'],
  ])
})

test('[T3] what was done after the ring is not in its path, however late it is heard of', () => {
  const story = threeVisits()
  story.signal(172_900, 'late', first, { statedAt: 86_400.5 })
  expect(pathOf(story, 'late').at(-1)).toEqual([86_400, 's2', 'bing'])
})

test.each<[Partial<CallPolicy>, string[]]>([
  [{ lookBackTouches: 2 }, ['s2', 's3']],
  [{ lookBackTouches: 1 }, ['s3']],
  [{ lookBackMs: 86_400_000 + 100_000 }, ['s3']],
  [{ lookBackMs: 86_400_000 + 100_001 }, ['s2', 's3']],
  [{ lookBackMs: 0 }, []],
])('[T3] with %o it reaches back to %o', (calls, sessions) => {
  const story = threeVisits(calls)
  story.signal(172_900, 'c', first)
  expect(story.call('c').touches.map(one => one.session)).toEqual(sessions)
})

test('[T3] who returns by another number brings the path along; a call that is nobody’s has none', () => {
  const story = threeVisits()
  story.signal(172_900, 'c1', first)
  story.signal(259_200, 'c2', '+4599999999' as PhoneNumber)
  story.signal(259_201, 'c3', '+4570001111' as PhoneNumber, { a: 'a2' })
  expect(story.call('c2')).toMatchObject({ match: { kind: 'returning' } })
  expect(story.call('c2').touches).toEqual(story.call('c1').touches)
  expect(story.call('c3').touches).toEqual([])
})

test('[T3] what was withdrawn, or is past retention, is in no path', () => {
  const story = threeVisits()
  story.at(172_801, { kind: 'consent-withdrawn', tenant: 'acme', site, visitor: 'anna' as VisitorId })
  story.signal(172_900, 'before', first, { statedAt: 172_800.5 })
  expect(story.call('before')).toMatchObject({ match: { session: 's3' }, touches: [] })
  const short = tell({ ...lasting(), retentionMs: 100_000_000, latenessMs: 60_000 })
  short.at(0, visit('anna', 's1', source('google')))
  short.at(100_000, visit('anna', 's2', source('bing')))
  short.signal(100_001, 'c', first)
  expect(short.call('c').touches.map(one => one.session)).toEqual(['s2'])
})

test('[T4] an erased visitor leaves no path, only the source of the match; an erased caller leaves it', () => {
  const erase = (visitors: string[], callers: string[]): Input => ({
    kind: 'subject-erased',
    tenant: 'acme',
    request: 'r',
    visitors: visitors as VisitorId[],
    callers: callers as Pseudonym[],
  })
  const story = threeVisits()
  story.signal(172_900, 'c', first)
  story.at(172_901, erase(['bo'], ['a1']))
  expect(pathOf(story, 'c')).toHaveLength(3)
  story.at(172_902, erase(['anna'], []))
  expect(story.call('c')).toMatchObject({
    touches: [],
    shownMs: null,
    match: { source: direct, session: null },
  })
  checkInvariants(story.state())
})
