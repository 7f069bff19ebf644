import { callersCalls, isKnownCaller, linkedCaller } from './caller.ts'
import { rememberedCall, truths } from './due.ts'
import type { Signal } from './input.ts'
import { limits } from './limits.ts'
import { forwardOf, matchAt } from './match.ts'
import type { CallOutcome, CallRecord, HeardSignal, Match, Outcome } from './outcome.ts'
import type { ProblemCode } from './problems.ts'
import { isCallerRestricted } from './restrict.ts'
import { isSameSource } from './source.ts'
import { callKey, type State, type TenantIndex } from './state.ts'
import type { LogTime } from './words.ts'

/** One signal of a call: a new fact, the same again, or another story. */
export function decideSignal(state: State, signal: Signal): Outcome[] {
  const { tenant, carrier, call } = signal
  const index = state.tenants.get(tenant)
  if (index === undefined) return [{ kind: 'refused', tenant, problem: 'unknown-tenant', call }]
  const said = hear(state, index, signal)
  if (typeof said === 'string') return [{ kind: 'refused', tenant, problem: said, call }]
  const key = callKey(carrier, call)
  const known = rememberedCall(index, key, state.now)
  const heard = settle(known, said)
  const before = known?.heard.find(one => one.state === signal.state)
  if (known !== undefined && before !== undefined) return [again(signal, known, before, heard)]
  const record = recordOf(state, index, signal, known, heard)
  const corrects = known !== undefined && differs(known.match, record.match)
  const outcomes = makeRoom(state, index, key, record)
  outcomes.push({ kind: 'call-changed', tenant, record, state: signal.state, corrects })
  return outcomes
}

/** When it happened, bounded by log time: a carrier's clock may be a little ahead, never far (rule M1). */
function hear(state: State, index: TenantIndex, signal: Signal): HeardSignal | ProblemCode {
  const { now } = state
  const { state: heard, a, b, c, statedAt, reason } = signal
  const own = signal.spooled ? Math.min(signal.takenAt, now) : now
  const stated = statedAt ?? own
  if (stated - own >= limits.futureToleranceMs) return 'from-the-future'
  const ahead = stated > own
  const at = (ahead ? own : stated) as LogTime
  if (at < now - index.policy.retentionMs) return 'before-retention'
  return { state: heard, at, statedAt, ahead, a, b, c, reason }
}

/** Of what was rectified or erased a signal says nothing any more (rules P3, P7). */
function settle(known: CallRecord | undefined, heard: HeardSignal): HeardSignal {
  if (known?.settled === undefined) return heard
  const { settled, a, c } = known
  return { ...heard, a: settled.includes('a') ? a : heard.a, c: settled.includes('c') ? c : heard.c }
}

function again(signal: Signal, known: CallRecord, before: HeardSignal, heard: HeardSignal): Outcome {
  const { tenant, carrier, call } = signal
  const { settled = [] } = known
  const isSame =
    before.statedAt === heard.statedAt &&
    (before.a === heard.a || settled.includes('a')) &&
    before.b === heard.b &&
    (before.c === heard.c || settled.includes('c')) &&
    before.reason === heard.reason
  if (!isSame) return { kind: 'refused', tenant, problem: 'call-conflict', call }
  return { kind: 'call-repeated', tenant, carrier, call, match: known.match, forward: known.forward }
}

export function differs(one: Match, other: Match): boolean {
  return (
    one.kind !== other.kind ||
    one.session !== other.session ||
    one.visitor !== other.visitor ||
    one.confidence !== other.confidence ||
    !isSameSource(one.source, other.source)
  )
}

/** What goes so that a call and its caller can be remembered within the bounds (rule F6). */
export function makeRoom(state: State, index: TenantIndex, key: string, record: CallRecord): Outcome[] {
  const a = linkedCaller(record)
  const { calls, callers, due, id } = index
  const { bounds } = state
  const outcomes: Outcome[] = []
  if (calls.size >= bounds.callsPerTenantMax && !calls.has(key)) {
    const first = due.calls.first(truths.calls(index))
    if (first !== null) outcomes.push(forgotten(id, 'call', first.key))
  }
  if (a !== null && callers.size >= bounds.callersPerTenantMax && !callers.has(a)) {
    const first = due.callers.first(truths.callers(index))
    if (first !== null) outcomes.push(forgotten(id, 'caller', first.key))
  }
  return outcomes
}

function forgotten(tenant: string, what: 'call' | 'caller', key: string): Outcome {
  return { kind: 'forgotten', tenant, what, because: 'bound', keys: [key] }
}

/** The record is a function of what was heard, not of the order in which it came; what was concluded of it stands. */
function recordOf(
  state: State,
  index: TenantIndex,
  { carrier, call }: Signal,
  known: CallRecord | undefined,
  latest: HeardSignal,
): CallRecord {
  const heard = inOrder(known, latest)
  const ring = heardAs(heard, 'ring')
  const answer = heardAs(heard, 'answer')
  const end = heardAs(heard, 'end')
  const rang = ring ?? earliest(heard)
  const a = heard.find(one => one.a !== null)?.a ?? null
  const b = (heard[0] as HeardSignal).b
  const talkMs = answer !== undefined && end !== undefined ? Math.max(0, end.at - answer.at) : null
  const stands = known !== undefined && known.rangAt === rang.at && known.a === a && known.b === b
  const concluded = stands ? known : conclude(state, index, { carrier, call, a, b, rang })
  return {
    carrier,
    call,
    a,
    b,
    c: heard.find(one => one.c !== null)?.c ?? null,
    rangAt: rang.at,
    answeredAt: answer?.at ?? null,
    endedAt: end?.at ?? null,
    ringMs: ringMs(ring, answer ?? end),
    talkMs,
    outcome: outcomeOf(answer, end),
    reason: heard.find(one => one.reason !== null)?.reason ?? null,
    qualified: talkMs !== null && talkMs >= index.policy.calls.qualifiedAfterMs,
    firstTime: concluded.firstTime,
    match: concluded.match,
    forward: concluded.forward,
    heard,
    ...(known?.settled === undefined ? {} : { settled: known.settled }),
  }
}

type Rung = Pick<CallRecord, 'carrier' | 'call' | 'a' | 'b'> & { readonly rang: HeardSignal }

/** What follows from the ring: made once, and again only if it turns out to be another one (rule C4). */
export function conclude(
  state: State,
  index: TenantIndex,
  { carrier, call, a, b, rang }: Rung,
): Pick<CallRecord, 'match' | 'forward' | 'firstTime'> {
  const restricted = isCallerRestricted(index, a)
  const caller = restricted ? null : a
  const question = { index, carrier, call, a: caller, b, at: rang.at, ahead: rang.ahead, restricted }
  return {
    match: matchAt(state, question),
    forward: forwardOf(index, b),
    firstTime: caller === null ? null : !isKnownCaller(callersCalls(index, caller), question, state.now),
  }
}

const rank = { ring: 0, answer: 1, end: 2 } as const

function inOrder(known: CallRecord | undefined, latest: HeardSignal): readonly HeardSignal[] {
  if (known === undefined) return [latest]
  return [...known.heard, latest].sort((one, other) => rank[one.state] - rank[other.state])
}

function heardAs(heard: readonly HeardSignal[], state: HeardSignal['state']): HeardSignal | undefined {
  for (const one of heard) if (one.state === state) return one
  return undefined
}

function earliest(heard: readonly HeardSignal[]): HeardSignal {
  let first = heard[0] as HeardSignal
  for (const one of heard) if (one.at < first.at) first = one
  return first
}

function ringMs(ring: HeardSignal | undefined, until: HeardSignal | undefined): number | null {
  return ring === undefined || until === undefined ? null : Math.max(0, until.at - ring.at)
}

function outcomeOf(answer: HeardSignal | undefined, end: HeardSignal | undefined): CallOutcome {
  if (end === undefined) return answer === undefined ? 'ringing' : 'in-progress'
  if (answer !== undefined) return 'answered'
  if (end.reason === 'busy' || end.reason === 'failed') return end.reason
  return end.reason === 'canceled' ? 'abandoned' : 'missed'
}
