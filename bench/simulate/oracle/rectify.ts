import type { CallRectified } from '../../../core/input.ts'
import type { Outcome } from '../../../core/outcome.ts'
import type { Pseudonym } from '../../../core/words.ts'
import { lastAnswer, rememberCall } from './callers.ts'
import { knownCall } from './calls.ts'
import { type Answer, type CallFact, type Facts, linkedA, policyOf } from './facts.ts'
import { makeRoomForCaller } from './forget.ts'
import { noteRevision } from './history.ts'
import { duplicateBefore, linkedAnew, memoriesOf, reviseLater } from './laterCalls.ts'
import { concludeBy, isOtherAnswer, recordOf } from './record.ts'

/** Rules P7 and P8. */

export function predictRectification(facts: Facts, input: CallRectified): Outcome[] {
  const { tenant, request, carrier, call, a } = input
  if (policyOf(facts, tenant) === null) return [{ kind: 'refused', tenant, problem: 'unknown-tenant', call }]
  const fact = knownCall(facts, input)
  if (fact === undefined) return [{ kind: 'refused', tenant, problem: 'unknown-call', call }]
  const before = lastAnswer(fact)
  if (fact.settled.includes('a') && before.a === a) return [{ kind: 'repeated', what: 'event' }]
  fact.heard = fact.heard.map(one => ({ ...one, a }))
  if (!fact.settled.includes('a')) fact.settled.push('a')
  const answer = before.a === a ? before : answerBy(facts, fact, a)
  const memories = memoriesOf(facts, tenant, [before, answer])
  const room = makeRoomForCaller(facts, tenant, linkedA(answer))
  fact.answers.push(answer)
  rememberCall(facts, fact)
  noteRevision(facts, fact, 'rectified')
  const corrects = isOtherAnswer(before, answer)
  const record = recordOf(fact)
  const later = reviseLater(facts, { fact, before, memories, because: 'rectified' })
  return [
    { kind: 'call-rectified', tenant, request, carrier, call, a },
    ...room,
    { kind: 'call-changed', tenant, record, state: null, corrects },
    ...later,
  ]
}

function answerBy(facts: Facts, fact: CallFact, a: Pseudonym | null): Answer {
  const before = lastAnswer(fact)
  const { firstTime, restricted, question, ...path } = concludeBy(facts, fact, a)
  const duplicateOf = duplicateBefore(facts, question, before.forward)
  const isLate = before.rangAt < facts.now - (policyOf(facts, fact.tenant)?.latenessMs ?? 0)
  const answer = { ...before, a, firstTime, restricted, duplicateOf }
  if (before.match.kind !== 'static' && !isLate) return { ...answer, ...path }
  const reasons = before.match.reasons.filter(one => one !== 'caller-restricted')
  const rules = reasons.findIndex(one => one.includes(':'))
  if (restricted) reasons.splice(rules, 0, 'caller-restricted')
  const { shownMs, touches } = before
  return {
    ...answer,
    ...linkedAnew(facts, { match: { ...before.match, reasons }, shownMs, touches }, question),
  }
}
