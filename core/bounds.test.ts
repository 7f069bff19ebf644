import { expect, test } from 'vitest'
import { checkInvariants } from './invariants.ts'
import { limits } from './limits.ts'
import { nextPulseAt } from './machine.ts'
import type { Outcome } from './outcome.ts'
import { began, number, policyOf, signal, site, type Story, tell } from './story.ts'
import type { PhoneNumber, SessionId, VisitorId } from './words.ts'

const kinds = (outcomes: Outcome[]) => outcomes.map(outcome => outcome.kind)
const forgotten = (outcomes: Outcome[]) => outcomes.filter(outcome => outcome.kind === 'forgotten')
const day = 86_400

function openedBy(story: Story, second: number, who: string): SessionId {
  const opened = story.hello(second, who).find(outcome => outcome.kind === 'session-opened')
  if (opened?.kind !== 'session-opened') throw new Error(`${who} opened nothing`)
  return opened.session
}

test('[L2] [F5] a message of a producer that was silent for seven days is a new one', () => {
  const story = tell(policyOf(1))
  const message = (sequence: number) => ({ counter: 5, sequence, producer: 'other' })
  story.at(1, signal('c', number(0)), message(100))
  expect(kinds(story.at(1 + 7 * day - 1, signal('c', number(0)), message(101)))).toEqual(['repeated'])
  expect(kinds(story.at(1 + 7 * day, signal('d', number(0)), message(102)))).toEqual(['call-changed'])
})

test('[L2] of a producer the last 1,024 counters are told apart', () => {
  const story = tell(policyOf(1))
  const message = (counter: number) => ({ counter, sequence: counter + 10_000, producer: 'other' })
  story.at(1, { kind: 'pulse' }, message(1))
  story.at(2, { kind: 'pulse' }, message(2_000))
  expect(kinds(story.at(3, { kind: 'pulse' }, message(2_000 - 1_024)))).toEqual(['repeated'])
  expect(kinds(story.at(3, { kind: 'pulse' }, message(2_000 - 1_023)))).toEqual([])
  expect(kinds(story.at(3, { kind: 'pulse' }, { ...message(2_000 - 1_023), sequence: 1 }))).toEqual([
    'repeated',
  ])
})

test('[E3] a session without room for a 65th span is over when a new one would begin', () => {
  const story = tell(policyOf(1, { tailMs: 600_000 }))
  const anna = openedBy(story, 0, 'anna')
  for (let span = 1; span < 64; span += 1)
    expect(kinds(story.beat(span * 100, anna))).toEqual(['session-seen'])
  expect(kinds(story.beat(63 * 100 + 59, anna))).toEqual(['session-seen'])
  expect(nextPulseAt(story.state())).toBe(began + (63 * 100 + 59 + 60) * 1_000)
  expect(kinds(story.beat(64 * 100 + 59, anna))).toEqual(['session-gone'])
  expect(story.pulse(64 * 100 + 59)).toMatchObject([{ kind: 'session-ended', because: 'idle' }])
  // The visitor goes on in a session of its own, and every gap is still known.
  story.hello(64 * 100 + 60, 'anna')
  story.signal(64 * 100 + 61, 'c', number(0), { statedAt: 90 })
  expect(story.call('c').match.kind).toBe('tail')
})

test('[E3] a span that the lateness has left behind makes room for another', () => {
  const policy = { ...policyOf(1, { tailMs: 600_000 }), latenessMs: 3_600_000 }
  const story = tell(policy)
  const anna = openedBy(story, 0, 'anna')
  for (let span = 1; span < 200; span += 1)
    expect(kinds(story.beat(span * 100, anna))).toEqual(['session-seen'])
  checkInvariants(story.state())
  expect(story.state().tenants.get('acme')?.sessions.get(anna)?.spans).toHaveLength(64)
})

test('[V4] of a session the 64 tabs that counted last are remembered', () => {
  const story = tell(policyOf(1))
  for (let tab = 0; tab < 65; tab += 1) story.hello(1, 'anna', `tab${tab}`)
  expect(kinds(story.hello(2, 'anna', 'tab64')).at(-1)).toBe('repeated')
  expect(kinds(story.hello(2, 'anna', 'tab1')).at(-1)).toBe('repeated')
  expect(kinds(story.hello(2, 'anna', 'tab0')).at(-1)).toBe('page-viewed')
})

test('[A5] [F4] a number has 256 claims; one that has ended makes room, one that has not does not', () => {
  const long = { tailMs: 3_600_000, coolDownMs: 0 }
  const story = tell(policyOf(1, long))
  for (let guest = 0; guest < 256; guest += 1) story.hello(guest, `guest${guest}`)
  expect(kinds(story.hello(256, 'late'))).toContain('fallback-shown')
  // The first one is over, the others are in their tails.
  expect(kinds(story.hello(3_660, 'later'))).toContain('number-lent')
  const claims = story.state().tenants.get('acme')?.numbers.get(number(0))?.claims
  expect(claims).toHaveLength(256)
  expect(claims?.[0]?.visitor).toBe('guest1')
  checkInvariants(story.state())
})

test('[F4] when a number is lent, claims that ended a lateness ago leave, and it still knows when they ended', () => {
  const story = tell(policyOf(2, { stickyMs: 0 }))
  story.hello(0, 'anna')
  story.hello(10, 'bo')
  story.hello(day, 'cai')
  const record = () => story.state().tenants.get('acme')?.numbers.get(number(0))
  expect(record()?.claims.map(claim => claim.visitor)).toEqual(['anna', 'cai'])
  story.hello(day + 180, 'dan')
  story.hello(day + 1_000, 'eli')
  expect(record()?.claims.map(claim => claim.visitor)).toEqual(['cai', 'eli'])
  expect(record()?.freeSince).toBe(began + 180_000)
})

test('[F6] [F7] above the bound of sessions the ended one goes that would be forgotten first', () => {
  const story = tell(policyOf(4), { sessionsPerTenantMax: 2 })
  story.hello(0, 'anna')
  story.hello(1, 'bo')
  expect(story.hello(2, 'cai')).toMatchObject([{ kind: 'refused', problem: 'overloaded' }])
  expect(story.hello(500, 'cai')).toMatchObject([{ kind: 'refused', problem: 'overloaded' }])
  story.pulse(501)
  const outcomes = story.hello(502, 'cai')
  expect(forgotten(outcomes)).toMatchObject([{ what: 'session', because: 'bound', keys: ['anna1'] }])
  expect(kinds(outcomes)).toContain('session-opened')
  checkInvariants(story.state())
})

test('[F6] [F7] the bound of one tenant is not that of another', () => {
  const story = tell(policyOf(4), { sessionsPerTenantMax: 1 })
  story.at(0, {
    kind: 'configured',
    tenant: 'other',
    version: '1',
    policy: { ...policyOf(1), tenant: 'other' },
  })
  story.hello(0, 'anna')
  const guest = {
    visitor: 'bo' as VisitorId,
    freshSession: 'bo' as SessionId,
    tab: 't',
    targets: null,
    page: null,
  }
  expect(kinds(story.at(1, { kind: 'hello', tenant: 'other', site, ...guest }))).toContain('session-opened')
})

test('[F2] [F6] [F7] above their bounds calls and callers go that would be forgotten first', () => {
  const story = tell(policyOf(1), { callsPerTenantMax: 2, callersPerTenantMax: 2 })
  story.signal(1, 'c1', number(0), { a: 'kim' })
  story.signal(2, 'c2', number(0), { a: 'lis' })
  expect(forgotten(story.signal(3, 'c3', number(0), { a: 'ove' }))).toMatchObject([
    { what: 'call', because: 'bound', keys: ['generic c1'] },
    { what: 'caller', because: 'bound', keys: ['kim'] },
  ])
  // A further signal of a call that is known takes nobody's place.
  expect(forgotten(story.signal(4, 'c2', number(0), { a: 'lis', state: 'end' }))).toEqual([])
  expect(forgotten(story.signal(5, 'c4', number(0), { a: 'lis' }))).toMatchObject([{ keys: ['generic c3'] }])
  expect(() => story.call('c1')).toThrow()
  checkInvariants(story.state())
})

test('[F6] [F7] a new producer takes the place of the one silent longest', () => {
  const story = tell(policyOf(1), { producersMax: 2 })
  const from = (producer: string, sequence: number) => ({ counter: sequence, sequence, producer })
  story.at(1, { kind: 'pulse' }, from('two', 100))
  story.at(2, { kind: 'pulse' })
  expect(story.at(3, { kind: 'pulse' }, from('three', 101))).toEqual([
    { kind: 'forgotten', tenant: '', what: 'producer', because: 'bound', keys: ['two'] },
  ])
  checkInvariants(story.state())
})

test('[F3] of a caller the 8 calls that rang last are remembered', () => {
  const story = tell(policyOf(1))
  for (let call = 0; call < 8; call += 1)
    story.signal(100 + call, `c${call}`, number(0), { statedAt: 50 + call })
  story.signal(200, 'early', number(0), { statedAt: 40 })
  const calls = story
    .state()
    .tenants.get('acme')
    ?.callers.get('a1')
    ?.calls.map(one => one.call)
  expect(calls).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'])
})

test('[E7] a pulse announces at most 256 sessions, and forgets at most 256, of the earliest', () => {
  const story = tell({ ...policyOf(1), retentionMs: 86_400_000 })
  for (let guest = 0; guest < 260; guest += 1) story.hello(guest / 1_000, `guest${guest}`)
  expect([limits.endPerPulseMax, limits.forgetPerPulseMax]).toEqual([256, 256])
  const first = story.pulse(3_600)
  expect(first).toHaveLength(256)
  expect(first[0]).toMatchObject({ kind: 'session-ended', session: 'guest01' })
  expect(story.pulse(3_600)).toHaveLength(4)
  const gone = (outcomes: Outcome[]) => forgotten(outcomes).flatMap(one => one.keys)
  expect(gone(story.pulse(3 * day))).toHaveLength(256)
  expect(gone(story.pulse(3 * day))).toHaveLength(4)
  expect(nextPulseAt(story.state())).toBe(began + 10 * day * 1_000)
})

test('[M6] of many candidates the eight with most weight are listed, the last lent first among equals', () => {
  const story = tell(policyOf(1, { tailMs: 3_600_000 }))
  for (let guest = 0; guest < 12; guest += 1) story.hello(guest, `guest${guest}`)
  story.signal(20, 'c', number(0) as PhoneNumber)
  const { candidates, session } = story.call('c').match
  expect(candidates).toHaveLength(8)
  expect(session).toBe(candidates[0]?.session)
  expect(candidates.map(one => one.visitor).slice(0, 2)).toEqual(['guest11', 'guest10'])
  const sure = candidates.map(one => one.confidence as number)
  expect(new Set(sure).size).toBe(1)
  expect(sure[0]).toBeGreaterThan(50)
  expect(sure[0]).toBeLessThan(1_000 / 12)
})
