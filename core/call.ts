import { linkedCaller } from './caller.ts'
import { conclude, differs } from './conclude.ts'
import { rememberedCall, truths } from './due.ts'
import type { Signal } from './input.ts'
import { revised } from './history.ts'
import { laterCalls } from './laterCalls.ts'
import { limits } from './limits.ts'
import type { CallOutcome, CallRecord, HeardSignal, Outcome, RevisedBecause } from './outcome.ts'
import { callDefaults } from './policy.ts'
import type { ProblemCode } from './problems.ts'
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
  const made = recordOf(state, index, signal, known, heard)
  const room = makeRoom(state, index, key, made)
  const later = laterCalls(state, index, { before: known, record: made, room, because: 'earlier-call' })
  const { match } = later.record
  const because = causeOf(known, heard)
  const record = { ...later.record, history: revised(known, { at: state.now, because, match }) }
  const corrects = known !== undefined && differs(known.match, match)
  const changed: Outcome = { kind: 'call-changed', tenant, record, state: signal.state, corrects }
  return [...room, changed, ...later.outcomes]
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
  const talkMs = between(answer, end)
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
    ringMs: between(ring, answer ?? end),
    talkMs,
    totalMs: between(ring, end),
    outcome: outcomeOf(index, ring, answer, end),
    reason: heard.find(one => one.reason !== null)?.reason ?? null,
    qualified: talkMs !== null && talkMs >= index.policy.calls.qualifiedAfterMs,
    firstTime: concluded.firstTime,
    duplicateOf: concluded.duplicateOf,
    shownMs: concluded.shownMs,
    touches: concluded.touches,
    match: concluded.match,
    forward: concluded.forward,
    heard,
    ...(known?.settled === undefined ? {} : { settled: known.settled }),
    history: known?.history ?? [],
  }
}

/** A ring after another signal of the call is news of a moment that was taken for another one. */
function causeOf(known: CallRecord | undefined, { state }: HeardSignal): RevisedBecause {
  return state === 'ring' && known !== undefined ? 'late-ring' : state
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

function between(from: HeardSignal | undefined, until: HeardSignal | undefined): number | null {
  return from === undefined || until === undefined ? null : Math.max(0, until.at - from.at)
}

function outcomeOf(
  { policy }: TenantIndex,
  ring: HeardSignal | undefined,
  answer: HeardSignal | undefined,
  end: HeardSignal | undefined,
): CallOutcome {
  if (end === undefined) return answer === undefined ? 'ringing' : 'in-progress'
  if (answer !== undefined) return 'answered'
  if (end.reason === 'busy' || end.reason === 'failed') return end.reason
  const { shortUnderMs = callDefaults.shortUnderMs } = policy.calls
  const rangMs = between(ring, end)
  if (rangMs !== null && rangMs < shortUnderMs) return 'short'
  return end.reason === 'canceled' ? 'abandoned' : 'missed'
}
