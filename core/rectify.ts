import { makeRoom } from './call.ts'
import { callersCalls, duplicated } from './caller.ts'
import { askingOf, conclude, differs, linkedAgain } from './conclude.ts'
import { rememberedCall } from './due.ts'
import { revised } from './history.ts'
import type { CallRectified } from './input.ts'
import { laterCalls } from './laterCalls.ts'
import type { CallRecord, HeardSignal, Outcome } from './outcome.ts'
import { callerRestricted } from './reasons.ts'
import { isCallerRestricted } from './restrict.ts'
import { callKey, type State, type TenantIndex } from './state.ts'
import { ledTo } from './touches.ts'
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
    { kind: 'call-changed', tenant, record, state: null, corrects: differs(before.match, record.match) },
    ...laterCalls(state, index, { before, record, room, because: 'rectified' }).outcomes,
  ]
}

function rectified(state: State, index: TenantIndex, before: CallRecord, a: Pseudonym | null): CallRecord {
  const record: CallRecord = {
    ...before,
    a,
    heard: before.heard.map((one): HeardSignal => ({ ...one, a })),
    settled: before.settled?.includes('c') ? ['a', 'c'] : ['a'],
  }
  const made = before.a === a ? record : { ...record, ...concludedAgain(state, index, record) }
  return { ...made, history: revised(before, { at: state.now, because: 'rectified', match: made.match }) }
}

/** All is made again where memory reaches back so far; else only what earlier calls alone say (rule P7). */
function concludedAgain(
  state: State,
  index: TenantIndex,
  record: CallRecord,
): Pick<CallRecord, 'match' | 'firstTime' | 'duplicateOf' | 'shownMs' | 'touches'> {
  const { match, b, rangAt, shownMs, touches } = record
  const rang = record.heard.find(one => one.at === rangAt) as HeardSignal
  const { forward: _, ...anew } = conclude(state, index, { ...record, rang })
  const restricted = isCallerRestricted(index, record.a)
  const a = restricted ? null : record.a
  const calls = callersCalls(index, a)
  const asking = askingOf(index, record)
  const duplicateOf = duplicated(calls, asking, record, state.now)
  if (match.kind !== 'static' && rangAt >= state.now - index.policy.latenessMs)
    return { ...anew, duplicateOf }
  const marked = { ...match, reasons: markedReasons(match.reasons, restricted) }
  const linked = linkedAgain(state, { match: marked, b }, asking, { calls, a })
  const led = linked === marked ? { shownMs, touches } : ledTo(state, index, { ...record, match: linked })
  return { match: linked, firstTime: anew.firstTime, duplicateOf, ...led }
}

/** Whether nothing of the caller was used is said before the first rule that was considered (rule M12). */
function markedReasons(reasons: readonly string[], restricted: boolean): readonly string[] {
  const others = reasons.filter(one => one !== callerRestricted)
  const place = others.findIndex(one => one.includes(':'))
  return restricted ? others.toSpliced(place, 0, callerRestricted) : others
}
