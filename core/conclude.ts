import { type Asking, callersCalls, duplicated, isKnownCaller } from './caller.ts'
import { forwardOf, fromCaller, matchAt, type Question } from './match.ts'
import type { CallRecord, HeardSignal, Match } from './outcome.ts'
import type { RememberedCall } from './records.ts'
import { isCallerRestricted } from './restrict.ts'
import { isSameSource } from './source.ts'
import type { State, TenantIndex } from './state.ts'
import { ledTo } from './touches.ts'
import type { Pseudonym } from './words.ts'

/** What follows from a call's ring, its A and B. */

type Rung = Pick<CallRecord, 'carrier' | 'call' | 'a' | 'b'> & {
  readonly rang: HeardSignal
  readonly otherwise?: Question['otherwise']
}
/** What is made together, and stands until the moment, A or B is another one. */
export type Concluded = Pick<
  CallRecord,
  'match' | 'forward' | 'firstTime' | 'duplicateOf' | 'shownMs' | 'touches'
>

/** What follows from the ring: made once, and again only if it turns out to be another one (rule C4). */
export function conclude(
  state: State,
  index: TenantIndex,
  { carrier, call, a, b, rang, otherwise }: Rung,
): Concluded {
  const restricted = isCallerRestricted(index, a)
  const caller = restricted ? null : a
  const asked = { index, carrier, call, a: caller, b, at: rang.at, ahead: rang.ahead, restricted }
  const question = { ...asked, otherwise }
  const match = matchAt(state, question)
  const forward = forwardOf(index, b)
  const calls = callersCalls(index, caller)
  return {
    match,
    forward,
    firstTime: caller === null ? null : !isKnownCaller(calls, question, state.now),
    duplicateOf: duplicated(calls, question, { b, forward }, state.now),
    ...ledTo(state, index, { match, b, rangAt: rang.at }),
  }
}

/** A match that says `returning` or `none`, after these calls of its caller; any other stands (rules P7, C11). */
export function linkedAgain(
  state: State,
  { match, b }: Pick<CallRecord, 'match' | 'b'>,
  asking: Asking,
  { calls, a }: { readonly calls: readonly RememberedCall[]; readonly a: Pseudonym | null },
): Match {
  if (match.kind !== 'returning' && match.kind !== 'none') return match
  const place = match.reasons.findIndex(one => one.startsWith('returning:'))
  return fromCaller(match.reasons.slice(0, place), calls, { ...asking, a, b }, state.now)
}

export function askingOf(index: TenantIndex, { carrier, call, rangAt }: CallRecord): Asking {
  return { index, carrier, call, at: rangAt }
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
