import type { Signal } from '../../../core/input.ts'
import type { Outcome } from '../../../core/outcome.ts'
import type { TenantPolicy } from '../../../core/policy.ts'
import { rememberCall } from './callers.ts'
import { type Answer, type CallFact, type Facts, type Heard, isKnown, linkedA, policyOf } from './facts.ts'
import { makeRoomForCall, makeRoomForCaller } from './forget.ts'
import { noteRevision } from './history.ts'
import { duplicateBefore, memoriesOf, reviseLater } from './laterCalls.ts'
import { predictForward } from './match.ts'
import { between, concludeBy, first, isOtherAnswer, momentOf, outcomeOf, recordOf, timeOf } from './record.ts'

/** Rules M1 and C1 to C8: one record from signals in any order. */

export function predictSignal(facts: Facts, signal: Signal): Outcome[] {
  const { tenant, call } = signal
  const policy = policyOf(facts, tenant)
  if (policy === null) return [{ kind: 'refused', tenant, problem: 'unknown-tenant', call }]
  const said = hear(facts, policy, signal)
  if (typeof said === 'string') return [{ kind: 'refused', tenant, problem: said, call }]
  const known = knownCall(facts, signal)
  const heard = known === undefined ? said : asSettled(known, said)
  const before = known?.heard.find(one => one.state === signal.state)
  if (known !== undefined && before !== undefined) return [again(known, before, heard)]
  const fact = known ?? callOf(facts, signal)
  fact.heard.push(heard)
  // What has to make room was there when this was concluded.
  const answer = answerTo(facts, fact)
  const room = known === undefined ? makeRoomForCall(facts, tenant, `${signal.carrier} ${call}`) : []
  if (known === undefined) begin(facts, fact)
  return [...room, ...changed(facts, policy, { fact, heard, answer })]
}

type Refusal = 'from-the-future' | 'before-retention'

/** Rule M1. */
function hear(facts: Facts, policy: TenantPolicy, signal: Signal): Heard | Refusal {
  const own = signal.spooled ? Math.min(signal.takenAt, facts.now) : facts.now
  const stated = signal.statedAt ?? own
  if (stated - own >= facts.bounds.futureToleranceMs) return 'from-the-future'
  const at = Math.min(stated, own)
  if (at < facts.now - policy.retentionMs) return 'before-retention'
  const { tenant, carrier, call, state, a, b, c, reason, statedAt } = signal
  return { tenant, carrier, call, state, a, b, c, reason, statedAt, at, ahead: stated > own }
}

/** Rule P3: what is settled a signal says as the record does. */
function asSettled(known: CallFact, said: Heard): Heard {
  const { settled } = known
  const a = settled.includes('a') ? (known.answers.at(-1)?.a ?? null) : said.a
  return { ...said, a, c: settled.includes('c') ? first(known, heard => heard.c) : said.c }
}

type CallId = { readonly tenant: string; readonly carrier: string; readonly call: string }

export function knownCall(facts: Facts, { tenant, carrier, call }: CallId): CallFact | undefined {
  return facts.calls.find(
    one => one.tenant === tenant && one.carrier === carrier && one.call === call && isKnown(one),
  )
}

function callOf(facts: Facts, { tenant, carrier, call }: Signal): CallFact {
  const isSame = (one: CallFact) =>
    one.tenant === tenant && one.carrier === carrier && one.call === call && !one.gone
  const replaces = facts.calls.find(isSame) ?? null
  return {
    tenant,
    carrier,
    call,
    heard: [],
    answers: [],
    settled: [],
    qualified: false,
    outcome: 'ringing',
    history: [],
    replaces,
    past: false,
    gone: false,
  }
}

function begin(facts: Facts, fact: CallFact): void {
  if (fact.replaces !== null) fact.replaces.gone = true
  facts.calls.push(fact)
}

/** Rule C2. */
function again(known: CallFact, before: Heard, heard: Heard): Outcome {
  const { tenant, carrier, call } = known
  const settled: readonly string[] = known.settled
  const isSame = (['a', 'b', 'c', 'statedAt', 'reason'] as const).every(
    fact => before[fact] === heard[fact] || settled.includes(fact),
  )
  if (!isSame) return { kind: 'refused', tenant, problem: 'call-conflict', call }
  const { match, forward } = known.answers.at(-1) as Answer
  return { kind: 'call-repeated', tenant, carrier, call, match, forward }
}

type Changed = { readonly fact: CallFact; readonly heard: Heard; readonly answer: Answer }

function changed(facts: Facts, policy: TenantPolicy, { fact, heard, answer }: Changed): Outcome[] {
  const { tenant } = fact
  const before = fact.answers.at(-1)
  const memories = memoriesOf(facts, tenant, [before, answer])
  const room = makeRoomForCaller(facts, tenant, linkedA(answer))
  fact.answers.push(answer)
  rememberCall(facts, fact)
  const talkMs = between(timeOf(fact, 'answer'), timeOf(fact, 'end'))
  fact.qualified = talkMs !== null && talkMs >= policy.calls.qualifiedAfterMs
  fact.outcome = outcomeOf(policy, fact)
  const later = reviseLater(facts, { fact, before: before ?? null, memories, because: 'earlier-call' })
  noteRevision(facts, fact, heard.state === 'ring' && before !== undefined ? 'late-ring' : heard.state)
  const record = recordOf(fact)
  const corrects = before !== undefined && isOtherAnswer(before, fact.answers.at(-1) as Answer)
  return [...room, { kind: 'call-changed', tenant, record, state: heard.state, corrects }, ...later]
}

/** Rule C4: concluded again only if the moment, A or B is another one. */
function answerTo(facts: Facts, fact: CallFact): Answer {
  const { tenant } = fact
  const before = fact.answers.at(-1)
  const moment = momentOf(fact)
  const a = first(fact, heard => heard.a)
  const b = first(fact, heard => heard.b) as Heard['b']
  const stands = before !== undefined && before.rangAt === moment.at && before.a === a && before.b === b
  if (stands) return before
  const { question, ...concluded } = concludeBy(facts, fact, a)
  const forward = predictForward(facts, tenant, b)
  const duplicateOf = duplicateBefore(facts, question, forward)
  return { rangAt: moment.at, a, b, forward, duplicateOf, ...concluded }
}
