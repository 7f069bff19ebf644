import { expect, test } from 'vitest'
import type { Input, SubjectRestricted } from './input.ts'
import { checkInvariants } from './invariants.ts'
import { limits } from './limits.ts'
import type { Outcome } from './outcome.ts'
import { namedIn, usedResult } from './restrict.ts'
import { tablesOf } from './state.ts'
import { began, hello, number, policyOf, type Story, tell } from './story.ts'
import type { LogTime, Pseudonym, VisitorId } from './words.ts'

/** What a person asks for, where a transcript would not show it. */

const [anna, bo] = ['anna', 'bo'] as unknown as [VisitorId, VisitorId]
const kim = 'kim' as Pseudonym
const nobody = { visitors: [], callers: [] }
const erase = (who: { visitors?: VisitorId[]; callers?: Pseudonym[] }): Input => ({
  kind: 'subject-erased',
  tenant: 'acme',
  request: 'r1',
  ...nobody,
  ...who,
})
const restrict = (
  who: { visitors?: VisitorId[]; callers?: Pseudonym[] },
  mode: SubjectRestricted['mode'] = 'restricted',
): Input => ({ kind: 'subject-restricted', tenant: 'acme', request: 'r2', ...nobody, ...who, mode })
const rectify = (call: string, a: string | null): Input => ({
  kind: 'call-rectified',
  tenant: 'acme',
  request: 'r3',
  carrier: 'generic',
  call,
  a: a as Pseudonym | null,
})

/** Everything that is stored, and what is derived from it. */
function remembers(story: Story): string {
  const rows = tablesOf(story.state()).map(([name, table]) => [name, [...table.entries()]])
  const names = story.state().inOrder.map(index => Object.values(index.names).map(one => [...one.entries()]))
  return JSON.stringify([rows, names])
}

/** Anna comes on, holds a number, is called about, withdraws, comes again, and is remembered by Kim. */
function aLongStory(): Story {
  const story = tell(policyOf(2))
  story.hello(1, 'anna')
  story.hello(1, 'bo')
  story.signal(2, 'c1', number(0), { a: 'kim' })
  story.signal(3, 'c1', number(0), { a: 'kim', state: 'answer' })
  story.at(4, { kind: 'consent-withdrawn', tenant: 'acme', site: 'pk_test', visitor: anna })
  story.hello(5, 'anna')
  story.signal(6, 'c2', number(0), { a: 'kim' })
  story.signal(7, 'c3', number(1), { a: 'lis' })
  story.hello(300, 'anna')
  return story
}

test('[P1] [P2] [P3] [P4] of somebody erased nothing is left in any row, nor where people are found by', () => {
  const story = aLongStory()
  expect(remembers(story)).toMatch(/"anna/)
  const outcomes = story.at(301, erase({ visitors: [anna], callers: [kim] }))
  const [erased] = outcomes.filter(one => one.kind === 'subject-erased')
  expect(erased?.sessions).toHaveLength(3)
  expect(erased?.calls).toBeGreaterThan(0)
  expect(remembers(story)).not.toMatch(/anna|kim/)
  expect(remembers(story)).toMatch(/"bo/)
  checkInvariants(story.state())
  story.restart()
  checkInvariants(story.state())
  expect(story.at(302, erase({ visitors: [anna], callers: [kim] }))).toEqual([
    { kind: 'repeated', what: 'event' },
  ])
})

test('[P2] two claims of one session that was erased are one holder at a time', () => {
  const base = policyOf(1, { stickyMs: 0, coolDownMs: 600_000 })
  const [sales] = base.targets
  const [pool] = base.pools
  if (sales === undefined || pool === undefined) throw new Error('the policy has a target and a pool')
  const story = tell({
    ...base,
    sites: [{ key: 'pk_test', targets: ['sales', 'help'] }],
    targets: [sales, { ...sales, id: 'help', pool: 'help' }],
    pools: [pool, { ...pool, id: 'help', numbers: [number(1)], idleTimeoutMs: 600_000 }],
  })
  const shown = () => story.call('c').match
  story.hello(1, 'anna')
  // Past its tail she is lent the number again, shared with what is left of her own.
  expect(story.hello(200, 'anna', 'tab2')).toContainEqual(
    expect.objectContaining({ kind: 'number-lent', number: number(0), shared: true }),
  )
  story.hello(201, 'bo')
  story.at(202, erase({ visitors: [anna] }))
  story.signal(203, 'c', number(0), { a: null })
  expect(shown()).toMatchObject({ kind: 'shared', visitor: bo })
  expect(shown().reasons).toContain('shared:2-holders')
  checkInvariants(story.state())
})

test('[P1] what is past its time, and no pulse has swept, goes too', () => {
  const story = tell({ ...policyOf(1), retentionMs: 1_000_000, latenessMs: 60_000 })
  story.hello(1, 'anna')
  story.signal(2, 'c', number(0), { a: 'kim' })
  const erased = story.at(5_000, erase({ visitors: [anna] })).at(-1)
  expect(erased).toMatchObject({ kind: 'subject-erased', calls: 1 })
  expect(remembers(story)).not.toMatch(/anna/)
})

test('[P4] a caller forgets to whom a call went, also when its record is forgotten', () => {
  const story = tell(policyOf(1), { callsPerTenantMax: 1 })
  story.hello(1, 'anna')
  story.signal(2, 'c1', number(0), { a: 'kim' })
  story.signal(3, 'c2', number(9), { a: null })
  story.at(4, erase({ visitors: [anna] }))
  expect(remembers(story)).not.toMatch(/anna/)
  story.signal(5, 'c3', number(9), { a: 'kim' })
  expect(story.call('c3')).toMatchObject({ firstTime: false, match: { kind: 'none' } })
})

test('[P3] a number that the call was forwarded to is erased where it is theirs, and does not come back', () => {
  const story = tell(policyOf(1))
  const said = (state: 'ring' | 'answer'): Input => ({
    kind: 'signal',
    tenant: 'acme',
    carrier: 'generic',
    call: 'c',
    state,
    a: 'lis' as Pseudonym,
    b: number(0),
    c: kim,
    statedAt: null,
    takenAt: began,
    spooled: false,
    reason: null,
  })
  story.at(1, said('ring'))
  story.at(2, erase({ callers: [kim] }))
  expect(story.at(3, said('ring'))).toMatchObject([{ kind: 'call-repeated' }])
  story.at(4, said('answer'))
  expect(story.call('c')).toMatchObject({ a: 'lis', c: null, settled: ['c'] })
})

test('[P11] above its bound a restriction is refused whole, and nothing of it is in force', () => {
  expect(limits.restrictedPerTenantMax).toBeGreaterThan(1_000)
  const story = tell(policyOf(1), { restrictedPerTenantMax: 2 })
  story.hello(1, 'anna')
  story.at(2, restrict({ callers: [kim] }))
  expect(story.at(3, restrict({ visitors: [anna, bo] }))).toMatchObject([{ problem: 'overloaded' }])
  expect(story.hello(4, 'anna').map(one => one.kind)).toContain('session-joined')
  expect(story.at(5, restrict({ visitors: [anna, anna], callers: [kim] }, 'objected'))).toMatchObject([
    { kind: 'session-ended', because: 'restricted' },
    { kind: 'subject-restricted', mode: 'objected' },
  ])
  checkInvariants(story.state())
})

test('[P5] one that is said again holds since the moment that it names', () => {
  const story = tell(policyOf(1))
  story.at(10, { ...restrict({ visitors: [anna] }), since: 4 as LogTime } as Input)
  story.at(11, restrict({ visitors: [bo] }))
  const restricted = [...(story.state().tenants.get('acme')?.restricted.entries() ?? [])]
  const since = Object.fromEntries(restricted.map(([name, { at }]) => [name, at]))
  expect(since['v:anna']).toBe(4)
  expect(since['v:bo']).toBe(story.state().now)
})

test('[P5] a restriction outlives retention and a restart, and holds on every site', () => {
  const policy = policyOf(1)
  const story = tell({
    ...policy,
    retentionMs: 100_000,
    sites: [...policy.sites, { key: 'shop', targets: [] }],
  })
  story.at(1, restrict({ visitors: [anna] }))
  story.pulse(200_000)
  story.restart()
  expect(story.hello(200_001, 'anna')).toMatchObject([{ kind: 'refused', problem: 'restricted' }])
  const elsewhere = { ...(hello('anna', 's') as Extract<Input, { kind: 'hello' }>), site: 'shop' }
  expect(story.at(200_002, elsewhere)).toMatchObject([{ kind: 'refused', problem: 'restricted' }])
  expect(story.at(200_003, { ...elsewhere, site: 'none' })).toMatchObject([{ problem: 'unknown-site' }])
})

test('[P7] a rectified call that was alone with its number keeps its match long after', () => {
  const story = tell(policyOf(1))
  story.hello(1, 'anna')
  story.signal(2, 'c', number(0), { a: 'kim' })
  story.hello(200_000, 'bo')
  story.at(200_001, rectify('c', 'lis'))
  expect(story.call('c')).toMatchObject({
    a: 'lis',
    firstTime: true,
    match: { kind: 'exact', visitor: anna },
  })
})

test('[P7] the weights of a shared number are made again, and not when what was held is out of memory', () => {
  const play = (second: number) => {
    const story = tell({ ...policyOf(2), latenessMs: 60_000 })
    story.hello(1, 'anna')
    story.hello(1, 'cai')
    story.signal(2, 'c1', number(0), { a: 'kim' })
    story.hello(3, 'bo')
    story.signal(4, 'c2', number(0), { a: 'lis' })
    const before = story.call('c2').match
    story.at(second, rectify('c2', 'kim'))
    return { before, after: story.call('c2').match }
  }
  const soon = play(10)
  expect(soon.before).toMatchObject({ kind: 'shared', visitor: 'bo' })
  expect(soon.after).toMatchObject({ kind: 'shared', visitor: 'anna' })
  const late = play(100)
  expect(late.after).toEqual(late.before)
})

test('[P8] of a caller of whom as many calls are remembered as may be nobody says that a later call was the first', () => {
  const later = (most: number) => {
    const story = tell(policyOf(1), { callsPerCallerMax: most })
    for (const place of [1, 2, 3]) story.signal(place, `c${place}`, number(9), { a: 'kim' })
    story.at(4, rectify(most === 2 ? 'c2' : 'c1', 'lis'))
    return [story.call('c2').firstTime, story.call('c3').firstTime]
  }
  expect(later(4)).toEqual([true, false])
  expect(later(2)).toEqual([true, false])
  expect(later(3)).toEqual([false, false])
})

test('[P10] a note changes nothing, and is never refused', () => {
  const story = tell(policyOf(1))
  const before = remembers(story)
  for (const tenant of ['acme', 'nobody', ''])
    expect(story.at(0, { kind: 'noted', tenant })).toEqual([{ kind: 'noted', tenant }])
  const untold = (text: string) => text.replace(/\["producers",.*?\]\]\],/, '')
  expect(untold(remembers(story))).toBe(untold(before))
})

test('[P9] of a contract that ended its id is left, and other tenants are as they were', () => {
  const story = tell(policyOf(1))
  story.at(1, {
    kind: 'configured',
    tenant: 'globex',
    version: '1',
    policy: { ...policyOf(1), tenant: 'globex' },
  })
  const globex = { ...(hello('bo', 'bos') as Extract<Input, { kind: 'hello' }>), tenant: 'globex' }
  story.at(2, globex)
  story.hello(2, 'anna')
  story.signal(3, 'c', number(0), { a: 'kim' })
  story.at(4, restrict({ visitors: [anna] }))
  story.at(5, { kind: 'tenant-ended', tenant: 'acme', request: 'r' })
  checkInvariants(story.state())
  const rows = tablesOf(story.state()).flatMap(([name, table]) =>
    [...table.entries()].flatMap(([key]) => (key.split(' ')[0] === 'acme' ? [name] : [])),
  )
  expect(rows).toEqual(['ended'])
  expect(remembers(story)).not.toMatch(/anna|kim/)
  expect(story.at(6, { ...globex, tab: 'other' }).map(one => one.kind)).toContain('session-joined')
})

test('[P13] what is restricted is shown nowhere: not as a call, an end of a session, or a candidate of another’s call', () => {
  const story = tell(policyOf(1, { overflow: 'share' }))
  story.hello(1, 'anna')
  story.hello(2, 'bo')
  const results = (outcomes: readonly Outcome[]) =>
    outcomes.filter(one => one.kind === 'call-changed' || one.kind === 'session-ended')
  const rang = results(story.signal(3, 'c1', number(0), { a: 'kim' }))
  const shown = (names: readonly string[]) => rang.map(one => usedResult(one, name => names.includes(name)))
  expect(shown([])).toEqual(rang)
  const [call] = rang
  if (call?.kind !== 'call-changed') throw new Error('no call')
  const { candidates, visitor } = call.record.match
  expect(candidates.map(one => one.visitor).sort()).toEqual(['anna', 'bo'])
  const other = visitor === anna ? bo : anna
  expect(shown(['c:kim'])).toEqual([null])
  expect(shown([`v:${visitor}`])).toEqual([null])
  expect(shown([`v:${other}`])).toMatchObject([{ record: { match: { visitor, candidates: [{ visitor }] } } }])
  expect(namedIn(call.record).sort()).toEqual(['c:kim', 'v:anna', 'v:bo'])
  const ended = results(story.at(4, restrict({ visitors: [anna] })))
  expect(ended).toMatchObject([{ kind: 'session-ended', because: 'restricted' }])
  expect(ended.map(one => usedResult(one, () => false))).toEqual([null])
  const idle = results(story.at(500, { kind: 'pulse' }))
  expect(idle).toMatchObject([{ visitor: bo, because: 'idle' }])
  expect(idle.map(one => usedResult(one, () => false))).toEqual(idle)
  expect(idle.map(one => usedResult(one, name => name === 'v:bo'))).toEqual([null])
})
