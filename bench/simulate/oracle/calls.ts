import type { EndReason, Signal } from '../../../core/input.ts'
import type { CallOutcome, CallRecord, HeardSignal, Outcome } from '../../../core/outcome.ts'
import type { TenantPolicy } from '../../../core/policy.ts'
import type { LogTime, Pseudonym } from '../../../core/words.ts'
import { earlierCalls, rememberCall } from './callers.ts'
import {
  type Answer,
  type CallFact,
  type Facts,
  type Heard,
  isKnown,
  isRestricted,
  linkedA,
  policyOf,
} from './facts.ts'
import { makeRoomForCall, makeRoomForCaller } from './forget.ts'
import { predictForward, predictMatch } from './match.ts'
import type { Question } from './asked.ts'

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
  const room = known === undefined ? makeRoomForCall(facts, tenant, `${signal.carrier} ${call}`) : []
  const fact = known ?? begin(facts, signal)
  fact.heard.push(heard)
  return [...room, ...changed(facts, policy, fact, heard)]
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

function begin(facts: Facts, { tenant, carrier, call }: Signal): CallFact {
  const isSame = (one: CallFact) =>
    one.tenant === tenant && one.carrier === carrier && one.call === call && !one.gone
  const replaces = facts.calls.find(isSame) ?? null
  if (replaces !== null) replaces.gone = true
  const fact: CallFact = {
    tenant,
    carrier,
    call,
    heard: [],
    answers: [],
    settled: [],
    qualified: false,
    replaces,
    past: false,
    gone: false,
  }
  facts.calls.push(fact)
  return fact
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

function inOrder(fact: CallFact): Heard[] {
  return (['ring', 'answer', 'end'] as const).flatMap(state => fact.heard.filter(one => one.state === state))
}

/** Rule C3. */
function first<Value>(fact: CallFact, of: (heard: Heard) => Value | null): Value | null {
  for (const heard of inOrder(fact)) {
    const value = of(heard)
    if (value !== null) return value
  }
  return null
}

/** Rule C4: the ring's time; while no ring was heard, the earliest. */
function momentOf(fact: CallFact): Heard {
  const [earliest] = inOrder(fact).toSorted((one, other) => one.at - other.at)
  return fact.heard.find(one => one.state === 'ring') ?? (earliest as Heard)
}

function changed(facts: Facts, policy: TenantPolicy, fact: CallFact, heard: Heard): Outcome[] {
  const { tenant } = fact
  const before = fact.answers.at(-1)
  const answer = answerTo(facts, fact)
  const room = makeRoomForCaller(facts, tenant, linkedA(answer))
  fact.answers.push(answer)
  rememberCall(facts, fact)
  const talkMs = talkMsOf(fact)
  fact.qualified = talkMs !== null && talkMs >= policy.calls.qualifiedAfterMs
  const record = recordOf(fact)
  const corrects = before !== undefined && isOtherAnswer(before, answer)
  return [...room, { kind: 'call-changed', tenant, record, state: heard.state, corrects }]
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
  const { match, firstTime, restricted } = concludeBy(facts, fact, a)
  return { rangAt: moment.at, a, b, match, forward: predictForward(facts, tenant, b), firstTime, restricted }
}

/** What is concluded of a call if its caller is A (rules M2 to M12, C8, P6). */
export function concludeBy(
  facts: Facts,
  fact: CallFact,
  a: Pseudonym | null,
): Pick<Answer, 'match' | 'firstTime' | 'restricted'> & { readonly question: Question } {
  const { tenant } = fact
  const moment = momentOf(fact)
  const restricted = a !== null && isRestricted(facts, tenant, 'caller', a)
  const b = first(fact, heard => heard.b) as Heard['b']
  const asks = { tenant, call: fact, a: restricted ? null : a, b }
  const question = { ...asks, at: moment.at, ahead: moment.ahead, restricted }
  const firstTime = question.a === null ? null : earlierCalls(facts, question).length === 0
  return { match: predictMatch(facts, question), firstTime, restricted, question }
}

export function isOtherAnswer({ match: before }: Answer, { match: now }: Answer): boolean {
  return (['kind', 'session', 'visitor', 'source', 'confidence'] as const).some(
    field => JSON.stringify(before[field]) !== JSON.stringify(now[field]),
  )
}

function talkMsOf({ heard }: CallFact): number | null {
  const timeOf = (state: Heard['state']) => heard.find(one => one.state === state)?.at ?? null
  return between(timeOf('answer'), timeOf('end'))
}

/** The record as it stands. */
export function recordOf(fact: CallFact): CallRecord {
  const timeOf = (state: Heard['state']) => fact.heard.find(one => one.state === state)?.at ?? null
  const [rang, answered, ended] = [timeOf('ring'), timeOf('answer'), timeOf('end')]
  const reason = first(fact, heard => heard.reason)
  const { carrier, call, qualified, settled } = fact
  const { a, b, match, forward, rangAt, firstTime } = fact.answers.at(-1) as Answer
  return {
    carrier,
    call,
    a,
    b,
    c: first(fact, heard => heard.c),
    rangAt: rangAt as LogTime,
    answeredAt: answered as LogTime | null,
    endedAt: ended as LogTime | null,
    ringMs: between(rang, answered ?? ended),
    talkMs: talkMsOf(fact),
    outcome: outcomeOf(answered !== null, ended !== null, reason),
    reason,
    qualified,
    firstTime,
    match,
    forward,
    heard: inOrder(fact).map(shown),
    ...(settled.length === 0 ? {} : { settled: settled.toSorted() }),
  }
}

/** Rule C5. */
function between(from: number | null, until: number | null): number | null {
  return from === null || until === null ? null : Math.max(0, until - from)
}

/** Rule C6. */
function outcomeOf(isAnswered: boolean, isEnded: boolean, reason: EndReason | null): CallOutcome {
  if (isAnswered) return isEnded ? 'answered' : 'in-progress'
  if (!isEnded) return 'ringing'
  if (reason === 'busy' || reason === 'failed') return reason
  return reason === 'canceled' ? 'abandoned' : 'missed'
}

function shown({ state, at, statedAt, ahead, a, b, c, reason }: Heard): HeardSignal {
  return { state, at: at as LogTime, statedAt, ahead, a, b, c, reason }
}
