import type { CallOutcome, CallRecord, HeardSignal } from '../../../core/outcome.ts'
import type { TenantPolicy } from '../../../core/policy.ts'
import type { LogTime, Pseudonym } from '../../../core/words.ts'
import { earlierCalls } from './callers.ts'
import { type Answer, type CallFact, type Facts, type Heard, isRestricted } from './facts.ts'
import type { Question } from './asked.ts'
import { predictMatch } from './match.ts'
import { predictPath } from './touches.ts'

/** Rules C3 to C8: what a call's record says. */

export function inOrder(fact: CallFact): Heard[] {
  return (['ring', 'answer', 'end'] as const).flatMap(state => fact.heard.filter(one => one.state === state))
}

/** Rule C3. */
export function first<Value>(fact: CallFact, of: (heard: Heard) => Value | null): Value | null {
  for (const heard of inOrder(fact)) {
    const value = of(heard)
    if (value !== null) return value
  }
  return null
}

/** Rule C4: the ring's time; while no ring was heard, the earliest. */
export function momentOf(fact: CallFact): Heard {
  const [earliest] = inOrder(fact).toSorted((one, other) => one.at - other.at)
  return fact.heard.find(one => one.state === 'ring') ?? (earliest as Heard)
}

/** What is concluded of a call if its caller is A (rules M2 to M12, C8, P6). */
export function concludeBy(
  facts: Facts,
  fact: CallFact,
  a: Pseudonym | null,
): Pick<Answer, 'match' | 'firstTime' | 'restricted' | 'shownMs' | 'touches'> & {
  readonly question: Question
} {
  const { tenant } = fact
  const moment = momentOf(fact)
  const restricted = a !== null && isRestricted(facts, tenant, 'caller', a)
  const b = first(fact, heard => heard.b) as Heard['b']
  const asks = { tenant, call: fact, a: restricted ? null : a, b }
  const question = { ...asks, at: moment.at, ahead: moment.ahead, restricted }
  const firstTime = question.a === null ? null : earlierCalls(facts, question).length === 0
  const match = predictMatch(facts, question)
  return { match, firstTime, restricted, question, ...predictPath(facts, question, match) }
}

export function isOtherAnswer({ match: before }: Answer, { match: now }: Answer): boolean {
  return (['kind', 'session', 'visitor', 'source', 'confidence'] as const).some(
    field => JSON.stringify(before[field]) !== JSON.stringify(now[field]),
  )
}

export function timeOf({ heard }: CallFact, state: Heard['state']): number | null {
  return heard.find(one => one.state === state)?.at ?? null
}

/** The record as it stands. */
export function recordOf(fact: CallFact): CallRecord {
  const [rang, answered, ended] = [timeOf(fact, 'ring'), timeOf(fact, 'answer'), timeOf(fact, 'end')]
  const { carrier, call, qualified, outcome, settled, history } = fact
  const answer = fact.answers.at(-1) as Answer
  const { a, b, match, forward, rangAt, firstTime, duplicateOf, shownMs, touches } = answer
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
    talkMs: between(answered, ended),
    totalMs: between(rang, ended),
    outcome,
    reason: first(fact, heard => heard.reason),
    qualified,
    firstTime,
    duplicateOf,
    shownMs,
    touches,
    match,
    forward,
    heard: inOrder(fact).map(shown),
    ...(settled.length === 0 ? {} : { settled: settled.toSorted() }),
    history: [...history],
  }
}

/** Rule C5. */
export function between(from: number | null, until: number | null): number | null {
  return from === null || until === null ? null : Math.max(0, until - from)
}

/** Rule C6. */
export function outcomeOf({ calls }: TenantPolicy, fact: CallFact): CallOutcome {
  const ended = timeOf(fact, 'end')
  if (timeOf(fact, 'answer') !== null) return ended === null ? 'in-progress' : 'answered'
  if (ended === null) return 'ringing'
  const { reason } = fact.heard.find(one => one.state === 'end') as Heard
  if (reason === 'busy' || reason === 'failed') return reason
  const rangMs = between(timeOf(fact, 'ring'), ended)
  if (rangMs !== null && rangMs < (calls.shortUnderMs ?? 5_000)) return 'short'
  return reason === 'canceled' ? 'abandoned' : 'missed'
}

function shown({ state, at, statedAt, ahead, a, b, c, reason }: Heard): HeardSignal {
  return { state, at: at as LogTime, statedAt, ahead, a, b, c, reason }
}
