import type { Signal } from './input.ts'
import { limits } from './limits.ts'
import { forwardOf, matchAt } from './match.ts'
import type { CallOutcome, CallRecord, HeardSignal, Outcome } from './outcome.ts'
import type { ProblemCode } from './problems.ts'
import { callerKey, callKey, type State, type TenantIndex } from './state.ts'
import type { LogTime, Pseudonym } from './words.ts'

type Timed = { readonly at: LogTime; readonly reasons: readonly string[] }

/** When it happened, bounded by log time: a carrier's clock may be a little ahead, never far. */
export function timeOf(state: State, index: TenantIndex, signal: Signal): Timed | ProblemCode {
  const now = state.now
  const taken = signal.spooled ? (Math.min(signal.takenAt, now) as LogTime) : now
  const stated = signal.statedAt ?? taken
  if (stated < now - index.policy.retentionMs) return 'before-retention'
  if (stated > taken + limits.futureToleranceMs) return 'from-the-future'
  if (stated > taken) return { at: taken, reasons: ['clock-ahead'] }
  if (stated < now - limits.latenessMs) return { at: stated as LogTime, reasons: ['beyond-lateness'] }
  return { at: stated as LogTime, reasons: [] }
}

/** One signal of a call: a new fact, the same again, or another story. */
export function decideSignal(state: State, signal: Signal): Outcome[] {
  const { tenant, call } = signal
  const index = state.tenants.get(tenant)
  if (index === undefined) return [{ kind: 'refused', tenant, problem: 'unknown-tenant', call }]
  const timed = timeOf(state, index, signal)
  if (typeof timed === 'string') return [{ kind: 'refused', tenant, problem: timed, call }]
  const known = state.tables.calls.get(callKey(tenant, signal.carrier, call))?.record
  const heard = hear(signal, timed)
  const before = known?.heard.find(one => one.state === signal.state)
  if (known !== undefined && before !== undefined) return [again(signal, known, before, heard)]
  if (known === undefined && state.tables.calls.size >= limits.callsPerTenantMax) {
    return [{ kind: 'refused', tenant, problem: 'overloaded', call }]
  }
  const record = recordOf(state, index, signal, [...(known?.heard ?? []), heard])
  const corrects = known !== undefined && JSON.stringify(known.match) !== JSON.stringify(record.match)
  return [{ kind: 'call-changed', tenant, record, state: signal.state, corrects }]
}

function hear(signal: Signal, timed: Timed): HeardSignal {
  const { state, a, b, c, reason } = signal
  const ahead = timed.reasons.includes('clock-ahead')
  return { state, at: timed.at, stated: signal.statedAt !== null, ahead, a, b, c, reason }
}

function again(signal: Signal, known: CallRecord, before: HeardSignal, heard: HeardSignal): Outcome {
  const { tenant, carrier, call } = signal
  const sameTime = before.stated === heard.stated && (!heard.stated || before.ahead || before.at === heard.at)
  const same =
    sameTime &&
    before.a === heard.a &&
    before.b === heard.b &&
    before.c === heard.c &&
    before.reason === heard.reason
  if (!same) return { kind: 'refused', tenant, problem: 'call-conflict', call }
  return { kind: 'call-repeated', tenant, carrier, call, match: known.match, forward: known.forward }
}

const rank = { ring: 0, answer: 1, end: 2 } as const

/** The record is a function of what was heard, not of the order in which it came. */
function recordOf(
  state: State,
  index: TenantIndex,
  signal: Signal,
  unordered: readonly HeardSignal[],
): CallRecord {
  const heard = [...unordered].sort((x, y) => rank[x.state] - rank[y.state])
  const best = heard[0] as HeardSignal
  const of = (wanted: HeardSignal['state']) => heard.find(one => one.state === wanted)
  const rangAt = (of('ring')?.at ?? Math.min(...heard.map(one => one.at))) as LogTime
  const answeredAt = of('answer')?.at ?? null
  const endedAt = of('end')?.at ?? null
  const a = heard.find(one => one.a !== null)?.a ?? null
  const { tenant, carrier, call } = signal
  const key = callKey(tenant, carrier, call)
  const reasons = best.ahead
    ? ['clock-ahead']
    : rangAt < state.now - limits.latenessMs
      ? ['beyond-lateness']
      : []
  const match = matchAt(state, { index, tenant, call: key, a, b: best.b, at: rangAt, reasons })
  const talkMs = answeredAt !== null && endedAt !== null ? Math.max(0, endedAt - answeredAt) : null
  return {
    carrier,
    call,
    a,
    b: best.b,
    c: heard.find(one => one.c !== null)?.c ?? null,
    rangAt,
    answeredAt,
    endedAt,
    ringMs: ringMs(rangAt, answeredAt ?? endedAt),
    talkMs,
    outcome: outcomeOf(of('answer'), of('end')),
    reason: of('end')?.reason ?? null,
    qualified: talkMs !== null && talkMs >= index.policy.calls.qualifiedAfterMs,
    firstTime: firstTime(state, tenant, a, key, rangAt),
    match,
    forward: forwardOf(index, best.b),
    heard,
  }
}

function ringMs(rangAt: number, until: number | null): number | null {
  return until === null ? null : Math.max(0, until - rangAt)
}

function outcomeOf(answer: HeardSignal | undefined, end: HeardSignal | undefined): CallOutcome {
  if (end === undefined) return answer === undefined ? 'ringing' : 'in-progress'
  if (answer !== undefined) return 'answered'
  if (end.reason === 'busy' || end.reason === 'failed') return end.reason
  return end.reason === 'canceled' ? 'abandoned' : 'missed'
}

function firstTime(
  state: State,
  tenant: string,
  a: Pseudonym | null,
  key: string,
  rangAt: number,
): boolean | null {
  if (a === null) return null
  const caller = state.tables.callers.get(callerKey(tenant, a))
  return caller === undefined || caller.firstCall === key || caller.firstAt > rangAt
}
