import {
  type Asking,
  attributionOf,
  callersCalls,
  isKnownCaller,
  latestLink,
  linkedCaller,
  withCall,
  withoutCall,
} from './caller.ts'
import { conclude, differs, makeRoom } from './call.ts'
import { rememberedCall } from './due.ts'
import type { CallRectified } from './input.ts'
import { fromCaller } from './match.ts'
import type { CallRecord, HeardSignal, Match, Outcome } from './outcome.ts'
import { callerRestricted } from './reasons.ts'
import type { RememberedCall } from './records.ts'
import { isCallerRestricted } from './restrict.ts'
import { callKey, type State, type TenantIndex } from './state.ts'
import type { Pseudonym } from './words.ts'

/** A call's A is another one than its signals said, and what followed from it is concluded again (rules P7, P8). */
export function decideRectified(state: State, input: CallRectified): Outcome[] {
  const { tenant, request, carrier, call, a } = input
  const index = state.tenants.get(tenant)
  if (index === undefined) return [{ kind: 'refused', tenant, problem: 'unknown-tenant', call }]
  const key = callKey(carrier, call)
  const before = rememberedCall(index, key, state.now)
  if (before === undefined) return [{ kind: 'refused', tenant, problem: 'unknown-call', call }]
  if (before.a === a && before.settled?.includes('a')) return [{ kind: 'repeated', what: 'event' }]
  const record = rectified(state, index, before, a)
  const room = makeRoom(state, index, key, record)
  return [
    { kind: 'call-rectified', tenant, request, carrier, call, a },
    ...room,
    changed(tenant, before, record),
    ...laterCalls(state, index, before, record, room).map(([old, made]) => changed(tenant, old, made)),
  ]
}

function changed(tenant: string, before: CallRecord, record: CallRecord): Outcome {
  return { kind: 'call-changed', tenant, record, state: null, corrects: differs(before.match, record.match) }
}

function rectified(state: State, index: TenantIndex, before: CallRecord, a: Pseudonym | null): CallRecord {
  const record: CallRecord = {
    ...before,
    a,
    heard: before.heard.map((one): HeardSignal => ({ ...one, a })),
    settled: before.settled?.includes('c') ? ['a', 'c'] : ['a'],
  }
  return before.a === a ? record : { ...record, ...concludedAgain(state, index, record) }
}

/** All is made again where memory reaches back so far; else only what earlier calls alone say (rule P7). */
function concludedAgain(
  state: State,
  index: TenantIndex,
  record: CallRecord,
): Pick<CallRecord, 'match' | 'firstTime'> {
  const { match, rangAt } = record
  const rang = record.heard.find(one => one.at === rangAt) as HeardSignal
  const { match: anew, firstTime } = conclude(state, index, { ...record, rang })
  if (match.kind !== 'static' && rangAt >= state.now - index.policy.latenessMs)
    return { match: anew, firstTime }
  const restricted = isCallerRestricted(index, record.a)
  const marked = { ...match, reasons: markedReasons(match.reasons, restricted) }
  const a = restricted ? null : record.a
  return {
    match: linkedAgain(state, index, { ...record, match: marked }, callersCalls(index, a), a),
    firstTime,
  }
}

/** Whether nothing of the caller was used is said before the first rule that was considered (rule M12). */
function markedReasons(reasons: readonly string[], restricted: boolean): readonly string[] {
  const others = reasons.filter(one => one !== callerRestricted)
  const place = others.findIndex(one => one.includes(':'))
  return restricted ? others.toSpliced(place, 0, callerRestricted) : others
}

/** A match that says `returning` or `none`, after these calls of its caller; any other stands. */
function linkedAgain(
  state: State,
  index: TenantIndex,
  record: CallRecord,
  calls: readonly RememberedCall[],
  a: Pseudonym | null,
): Match {
  const { match } = record
  if (match.kind !== 'returning' && match.kind !== 'none') return match
  const considered = match.reasons.slice(
    0,
    match.reasons.findIndex(one => one.startsWith('returning:')),
  )
  const asking = askingOf(index, record)
  return fromCaller(considered, calls, { ...asking, a, b: record.b }, state.now)
}

function askingOf(index: TenantIndex, { carrier, call, rangAt }: CallRecord): Asking {
  return { index, carrier, call, at: rangAt }
}

type Revised = readonly [before: CallRecord, after: CallRecord]

/** The calls that this one said something of, or says now (rule P8). */
function laterCalls(
  state: State,
  index: TenantIndex,
  before: CallRecord,
  record: CallRecord,
  room: readonly Outcome[],
): Revised[] {
  const [old, other] = [linkedCaller(before), linkedCaller(record)]
  if (old === other || state.now >= before.rangAt + index.policy.retentionMs) return []
  const isOut = room.some(one => one.kind === 'forgotten' && one.what === 'caller' && one.keys[0] === old)
  const revised = [
    ...(old === null || isOut ? [] : afterLeaving(state, index, before, old)),
    ...(other === null ? [] : afterJoining(state, index, record, other)),
  ]
  return revised.filter(([one, made]) => one.firstTime !== made.firstTime || differs(one.match, made.match))
}

/** Calls of the caller whose call it was: it is no earlier call of theirs. */
function afterLeaving(state: State, index: TenantIndex, gone: CallRecord, a: Pseudonym): Revised[] {
  const calls = callersCalls(index, a)
  const others = withoutCall(calls, gone)
  if (others.length === calls.length) return []
  // Of a caller with so many calls nobody knows whether there were more.
  const isWhole = calls.length < index.bounds.callsPerCallerMax
  const to = attributionOf(gone)?.session ?? null
  return laterRecords(state, index, gone, others, a).map(one => {
    const isNew = isWhole && !isKnownCaller(others, askingOf(index, one), state.now)
    const isLinked = one.match.kind === 'returning' && to !== null && one.match.session === to
    const match = isLinked ? linkedAgain(state, index, one, others, a) : one.match
    return [one, { ...one, match, firstTime: one.firstTime === true || isNew }]
  })
}

/** Calls of the caller whose call it is: it is an earlier call of theirs. */
function afterJoining(state: State, index: TenantIndex, come: CallRecord, a: Pseudonym): Revised[] {
  const { carrier, call, rangAt, b } = come
  const entry: RememberedCall = { carrier, call, rangAt, b, to: attributionOf(come) }
  const calls = withCall(index, callersCalls(index, a), entry)
  if (!calls.includes(entry)) return []
  return laterRecords(state, index, come, calls, a).map(one => {
    const asking = askingOf(index, one)
    const link = latestLink(calls, asking, state.now)
    const match = link === entry ? linkedAgain(state, index, one, calls, a) : one.match
    return [one, { ...one, match, firstTime: one.firstTime && !isKnownCaller([entry], asking, state.now) }]
  })
}

/** Records of these calls that rang within look-back after. */
function laterRecords(
  state: State,
  index: TenantIndex,
  { rangAt }: CallRecord,
  calls: readonly RememberedCall[],
  a: Pseudonym,
): CallRecord[] {
  const lookBackMs = index.policy.calls.returningLookBackMs
  return calls
    .filter(one => one.rangAt > rangAt && one.rangAt - rangAt < lookBackMs)
    .flatMap(one => rememberedCall(index, callKey(one.carrier, one.call), state.now) ?? [])
    .filter(one => linkedCaller(one) === a)
}
