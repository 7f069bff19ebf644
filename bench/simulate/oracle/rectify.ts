import type { CallRectified } from '../../../core/input.ts'
import type { Match, Outcome } from '../../../core/outcome.ts'
import type { Pseudonym } from '../../../core/words.ts'
import {
  callerRemembersUntil,
  earlierCalls,
  isSameCall,
  knownCaller,
  lastAnswer,
  rangAt,
  rememberCall,
} from './callers.ts'
import { concludeBy, isOtherAnswer, knownCall, recordOf } from './calls.ts'
import { type Answer, type CallFact, type Facts, isKnown, linkedA, policyOf } from './facts.ts'
import { makeRoomForCaller } from './forget.ts'
import { attributedBefore, personal, type Question } from './asked.ts'
import { byEarlierCall, nothing } from './match.ts'

/** Rules P7 and P8. */

export function predictRectification(facts: Facts, input: CallRectified): Outcome[] {
  const { tenant, request, carrier, call, a } = input
  if (policyOf(facts, tenant) === null) return [{ kind: 'refused', tenant, problem: 'unknown-tenant', call }]
  const fact = knownCall(facts, input)
  if (fact === undefined) return [{ kind: 'refused', tenant, problem: 'unknown-call', call }]
  const before = lastAnswer(fact)
  if (fact.settled.includes('a') && before.a === a) return [{ kind: 'repeated', what: 'event' }]
  const old = memoryOf(facts, fact, linkedA(before))
  fact.heard = fact.heard.map(one => ({ ...one, a }))
  if (!fact.settled.includes('a')) fact.settled.push('a')
  const answer = before.a === a ? before : answerBy(facts, fact, a)
  const room = makeRoomForCaller(facts, tenant, linkedA(answer))
  fact.answers.push(answer)
  rememberCall(facts, fact)
  const isLinked = facts.now < callerRemembersUntil(facts, fact)
  const later = isLinked && linkedA(before) !== linkedA(answer) ? laterCalls(facts, fact, old) : []
  return [
    { kind: 'call-rectified', tenant, request, carrier, call, a },
    ...room,
    changed(fact, before),
    ...later,
  ]
}

function changed(fact: CallFact, before: Answer): Outcome {
  const corrects = isOtherAnswer(before, lastAnswer(fact))
  return { kind: 'call-changed', tenant: fact.tenant, record: recordOf(fact), state: null, corrects }
}

/** What a caller remembered before, if this call was in it. */
type OldMemory = { readonly a: Pseudonym; readonly isWhole: boolean; readonly session: string | null } | null

function memoryOf(facts: Facts, fact: CallFact, a: Pseudonym | null): OldMemory {
  const calls = a === null ? [] : (knownCaller(facts, fact.tenant, a)?.calls ?? [])
  if (a === null || !calls.some(one => isSameCall(one, fact))) return null
  const { match } = lastAnswer(fact)
  const session = personal.includes(match.kind) ? match.session : null
  return { a, isWhole: calls.length < facts.bounds.callsPerCallerMax, session }
}

function answerBy(facts: Facts, fact: CallFact, a: Pseudonym | null): Answer {
  const before = lastAnswer(fact)
  const { match, firstTime, restricted, question } = concludeBy(facts, fact, a)
  const isLate = before.rangAt < facts.now - (policyOf(facts, fact.tenant)?.latenessMs ?? 0)
  const answer = { ...before, a, firstTime, restricted }
  if (before.match.kind !== 'static' && !isLate) return { ...answer, match }
  const reasons = before.match.reasons.filter(one => one !== 'caller-restricted')
  const rules = reasons.findIndex(one => one.includes(':'))
  if (restricted) reasons.splice(rules, 0, 'caller-restricted')
  return { ...answer, match: linkedAnew(facts, { ...before.match, reasons }, question) }
}

/** Rules M8 and M9 once more. */
function linkedAnew(facts: Facts, match: Match, question: Question): Match {
  if (match.kind !== 'none' && match.kind !== 'returning') return match
  const place = match.reasons.findIndex(one => one.startsWith('returning:'))
  const reasons = match.reasons.slice(0, place)
  const verdict = byEarlierCall(facts, question, reasons) ?? nothing(reasons)
  return { ...verdict, reasons }
}

function laterCalls(facts: Facts, fact: CallFact, old: OldMemory): Outcome[] {
  const outcomes: Outcome[] = []
  const revise = (one: CallFact, answer: Answer) => {
    const before = lastAnswer(one)
    if (before.firstTime === answer.firstTime && !isOtherAnswer(before, answer)) return
    one.answers.push(answer)
    rememberCall(facts, one)
    outcomes.push(changed(one, before))
  }
  for (const one of old === null ? [] : callsAfter(facts, fact, old.a)) {
    const before = lastAnswer(one)
    const question = askedOf(one)
    const isNew = old?.isWhole === true && earlierCalls(facts, question).length === 0
    const named = before.match.kind === 'returning' && before.match.session !== null
    const isLinked = named && before.match.session === old?.session
    const match = isLinked ? linkedAnew(facts, before.match, question) : before.match
    revise(one, { ...before, match, firstTime: before.firstTime === true || isNew })
  }
  const other = linkedA(lastAnswer(fact))
  for (const one of other === null ? [] : callsAfter(facts, fact, other)) {
    const calls = knownCaller(facts, fact.tenant, other as Pseudonym)?.calls ?? []
    if (!calls.includes(fact)) continue
    const before = lastAnswer(one)
    const question = askedOf(one)
    const isEarlier = earlierCalls(facts, question).includes(fact)
    const isLink = attributedBefore(facts, question).at(-1) === lastAnswer(fact)
    const match = isLink ? linkedAnew(facts, before.match, question) : before.match
    revise(one, { ...before, match, firstTime: before.firstTime === true && !isEarlier })
  }
  return outcomes
}

function askedOf(call: CallFact): Question {
  const { a, b } = lastAnswer(call)
  return { tenant: call.tenant, call, a, b, at: rangAt(call), ahead: false, restricted: false }
}

/** Calls that the caller remembers, that have a record, and that rang within look-back after this one. */
function callsAfter(facts: Facts, fact: CallFact, a: Pseudonym): CallFact[] {
  const lookBackMs = policyOf(facts, fact.tenant)?.calls.returningLookBackMs ?? 0
  const calls = knownCaller(facts, fact.tenant, a)?.calls ?? []
  return calls.filter(one => {
    const afterMs = rangAt(one) - rangAt(fact)
    return isKnown(one) && linkedA(lastAnswer(one)) === a && afterMs > 0 && afterMs < lookBackMs
  })
}
