import type { SubjectErased, SubjectRestricted, TenantEnded } from '../../../core/input.ts'
import type { Match, Outcome } from '../../../core/outcome.ts'
import type { Pseudonym, VisitorId } from '../../../core/words.ts'
import { lastAnswer } from './callers.ts'
import {
  type Answer,
  type CallFact,
  compare,
  type Facts,
  isRestricted,
  type Lending,
  lendingsOf,
  policyOf,
  type RestrictionFact,
  type SessionFact,
} from './facts.ts'
import { noteChange } from './history.ts'
import { canBeContinued, endOf } from './life.ts'
import { personal } from './asked.ts'
import { announce, withdrawNow } from './visits.ts'

/** Rules P1 to P5, P9 and P11: who asks to be forgotten, or not to be used. */

const repeated: Outcome = { kind: 'repeated', what: 'event' }

const unknownTenant = (tenant: string): Outcome => ({
  kind: 'refused',
  tenant,
  problem: 'unknown-tenant',
  call: null,
})

export function predictErasure(facts: Facts, input: SubjectErased): Outcome[] {
  const { tenant, request, visitors, callers } = input
  if (policyOf(facts, tenant) === null) return [unknownTenant(tenant)]
  const sessions = sessionsOf(facts, tenant, visitors)
  const named = facts.calls.filter(call => call.tenant === tenant && !call.gone && names(call, input))
  if (sessions.length + named.length === 0 && !isOtherwiseKnown(facts, input)) return [repeated]
  const ended = sessions.flatMap(session => end(facts, session, 'erased'))
  for (const call of facts.calls) if (call.tenant === tenant) unname(facts, call, input)
  for (const caller of facts.callers)
    if (caller.tenant === tenant && callers.includes(caller.a)) caller.gone = true
  for (const session of sessions) eraseSession(facts, session)
  facts.restrictions = facts.restrictions.filter(
    one => one.mode === 'objected' || one.tenant !== tenant || !isOf(one, input),
  )
  const ids = sessions.map(one => one.session).sort(compare)
  const erased = { kind: 'subject-erased', tenant, request, visitors, callers } as const
  return [...ended, { ...erased, sessions: ids, calls: named.length }]
}

type Subjects = Pick<SubjectErased, 'tenant' | 'visitors' | 'callers'>

function isOf({ of, id }: RestrictionFact, { visitors, callers }: Subjects): boolean {
  const ids: readonly string[] = of === 'visitor' ? visitors : callers
  return ids.includes(id)
}

/** Remembered by a caller, as one, or restricted. */
function isOtherwiseKnown(facts: Facts, input: Subjects): boolean {
  const { tenant, visitors, callers } = input
  const went = ({ match }: Answer) =>
    personal.includes(match.kind) && match.visitor !== null && visitors.includes(match.visitor)
  return (
    facts.callers.some(
      one =>
        one.tenant === tenant &&
        !one.gone &&
        (callers.includes(one.a) || one.calls.some(call => went(lastAnswer(call)))),
    ) ||
    facts.restrictions.some(one => one.tenant === tenant && one.mode === 'restricted' && isOf(one, input))
  )
}

function sessionsOf(facts: Facts, tenant: string, visitors: readonly VisitorId[]): SessionFact[] {
  return facts.sessions.filter(one => one.tenant === tenant && !one.gone && visitors.includes(one.visitor))
}

function end(facts: Facts, session: SessionFact, because: 'erased' | 'restricted'): Outcome[] {
  if (session.announcedIn !== null) return []
  return [announce(facts, session, canBeContinued(facts, session) ? because : 'idle')]
}

/** Rules P1 and P2. */
function eraseSession(facts: Facts, session: SessionFact): void {
  const latenessMs = policyOf(facts, session.tenant)?.latenessMs ?? 0
  for (const lending of lendingsOf(facts, session.session)) {
    if (lending.tenant !== session.tenant) continue
    const endsAt = endOf(facts, lending)
    const runs = endsAt > facts.now && lending.withdrawnAt === null && lending.takenOverAt === null
    if (endsAt <= facts.now - latenessMs) lending.left = true
    lending.erasedUntil = runs ? facts.now + lending.pool.coolDownMs : endsAt
  }
  oneAtATime(lendingsOf(facts, session.session).filter(one => one.tenant === session.tenant && !one.left))
  session.gone = true
}

/** Rule P2: of two on one number that overlap, the earlier ends when the later was lent, which lasts as long as both. */
function oneAtATime(lendings: readonly Lending[]): void {
  for (const [place, later] of lendings.entries()) {
    const earlier = lendings.slice(0, place).findLast(one => one.number === later.number)
    const until = earlier?.erasedUntil ?? 0
    if (earlier === undefined || until <= later.at) continue
    later.erasedUntil = Math.max(until, later.erasedUntil ?? 0)
    earlier.erasedUntil = later.at
  }
}

function namesVisitor({ visitor, candidates }: Match, visitors: readonly VisitorId[]): boolean {
  return [visitor, ...candidates.map(one => one.visitor)].some(one => one !== null && visitors.includes(one))
}

function names(call: CallFact, { visitors, callers }: Subjects): boolean {
  const people = call.heard.flatMap(({ a, c }) => [a, c])
  return (
    namesVisitor(lastAnswer(call).match, visitors) ||
    people.some(one => one !== null && callers.includes(one))
  )
}

/** Rule P3. */
function unname(facts: Facts, call: CallFact, subjects: Subjects): void {
  const isNamed = call.answers.length > 0 && names(call, subjects)
  if (!isNamed) return
  const { callers } = subjects
  const isTheirs = (one: Pseudonym | null) => one !== null && callers.includes(one)
  const c = (['ring', 'answer', 'end'] as const)
    .flatMap(state => call.heard.filter(one => one.state === state))
    .find(one => one.c !== null)?.c
  const ownA = isTheirs(lastAnswer(call).a)
  const ownC = isTheirs(c ?? null)
  if (call.heard.some(one => isTheirs(one.a)) && !call.settled.includes('a')) call.settled.push('a')
  if (call.heard.some(one => isTheirs(one.c)) && !call.settled.includes('c')) call.settled.push('c')
  call.heard = call.heard.map(one => ({
    ...one,
    a: ownA || isTheirs(one.a) ? null : one.a,
    c: ownC || isTheirs(one.c) ? null : one.c,
  }))
  const answer = lastAnswer(call)
  const { visitor } = answer.match
  const isVisitors = visitor !== null && subjects.visitors.includes(visitor)
  noteChange(facts, call, 'erased', null)
  call.answers = [
    {
      ...answer,
      a: ownA ? null : answer.a,
      firstTime: ownA ? null : answer.firstTime,
      duplicateOf: ownA ? null : answer.duplicateOf,
      ...(isVisitors && { shownMs: null, touches: [] }),
      match: withoutNames(answer.match, subjects),
    },
  ]
}

function withoutNames(match: Match, { visitors }: Subjects): Match {
  const keeps = (one: VisitorId | null) => one !== null && !visitors.includes(one)
  return {
    ...match,
    session: keeps(match.visitor) ? match.session : null,
    visitor: keeps(match.visitor) ? match.visitor : null,
    candidates: match.candidates.filter(one => keeps(one.visitor)),
    reasons: [...match.reasons.filter(one => one !== 'erased'), 'erased'],
  }
}

/** Rules P5 and P11. */
export function predictRestriction(facts: Facts, input: SubjectRestricted): Outcome[] {
  const { tenant, request, visitors, callers, mode } = input
  if (policyOf(facts, tenant) === null) return [unknownTenant(tenant)]
  const asked = [
    ...visitors.map(id => ({ tenant, of: 'visitor', id }) as const),
    ...callers.map(id => ({ tenant, of: 'caller', id }) as const),
  ]
  const before = facts.restrictions.filter(one => one.tenant === tenant)
  const modeOf = ({ of, id }: (typeof asked)[number]) =>
    before.find(one => one.of === of && one.id === id)?.mode ?? 'lifted'
  if (asked.every(one => modeOf(one) === mode)) return [repeated]
  const others = facts.restrictions.filter(one => one.tenant !== tenant || !isOf(one, input))
  const said: Outcome = { kind: 'subject-restricted', tenant, request, visitors, callers, mode }
  if (mode === 'lifted') {
    facts.restrictions = others
    return [said]
  }
  const fresh = asked.filter(
    ({ of, id }, place) => asked.findIndex(one => one.of === of && one.id === id) === place,
  )
  const after = [...others, ...fresh.map(one => ({ ...one, mode }))]
  if (
    fresh.some(({ of, id }) => !isRestricted(facts, tenant, of, id)) &&
    after.filter(one => one.tenant === tenant).length > facts.bounds.restrictedPerTenantMax
  )
    return [{ kind: 'refused', tenant, problem: 'overloaded', call: null }]
  facts.restrictions = after
  const sessions = sessionsOf(facts, tenant, visitors)
  const ended = sessions.flatMap(session => end(facts, session, 'restricted'))
  for (const session of sessions) withdrawNow(facts, session)
  return [...ended, said]
}

/** Rule P9. */
export function predictContractEnd(facts: Facts, { tenant, request }: TenantEnded): Outcome[] {
  const last = facts.policies.findLast(one => one.tenant === tenant)
  if (last === undefined) return [unknownTenant(tenant)]
  if (last.policy === null) return [repeated]
  facts.policies.push({ tenant, version: '', policy: null })
  const others = <Fact extends { tenant: string }>(list: readonly Fact[]) =>
    list.filter(one => one.tenant !== tenant)
  const mine = new Set<string>(facts.sessions.flatMap(one => (one.tenant === tenant ? [one.session] : [])))
  facts.sessions = others(facts.sessions)
  facts.lendings = others(facts.lendings)
  facts.calls = others(facts.calls)
  facts.callers = others(facts.callers)
  facts.restrictions = others(facts.restrictions)
  facts.counted = facts.counted.filter(one => !mine.has(one.session))
  facts.clicks = facts.clicks.filter(one => !mine.has(one.session))
  return [{ kind: 'tenant-ended', tenant, request }]
}
