import { isRemembered } from './due.ts'
import type { CallName, CallRecord } from './outcome.ts'
import { callDefaults } from './policy.ts'
import { callerRestricted } from './reasons.ts'
import type { Attribution, RememberedCall } from './records.ts'
import type { TenantIndex } from './state.ts'
import type { PhoneNumber, Pseudonym } from './words.ts'

/** What is known from a caller's earlier calls (rules M8, C8). */

/** A call that asks, and is no earlier call of itself. */
export type Asking = {
  readonly index: TenantIndex
  readonly carrier: string
  readonly call: string
  readonly at: number
}

/** Who remembers a call: its A, unless nothing of that caller was used when it was concluded (rule P6). */
export function linkedCaller({ a, match }: CallRecord): Pseudonym | null {
  return match.reasons.includes(callerRestricted) ? null : a
}

const none: readonly RememberedCall[] = []

export function callersCalls(index: TenantIndex, a: Pseudonym | null): readonly RememberedCall[] {
  return a === null ? none : (index.callers.get(a)?.calls ?? none)
}

/** Whether it is another call, rang within the look-back before, and is within retention. */
export function isEarlier(asking: Asking, one: RememberedCall, now: number): boolean {
  const { retentionMs, calls } = asking.index.policy
  const { rangAt } = one
  const { at } = asking
  if (rangAt >= at || at - rangAt >= calls.returningLookBackMs || now >= rangAt + retentionMs) return false
  return isAnother(asking, one)
}

/** The same, but within the time in which it makes the one that asks a duplicate (rule C9). */
export function isJustBefore(asking: Asking, one: RememberedCall, now: number): boolean {
  const { retentionMs, calls } = asking.index.policy
  const { duplicateWithinMs = callDefaults.duplicateWithinMs } = calls
  const sinceMs = asking.at - one.rangAt
  if (sinceMs <= 0 || sinceMs >= duplicateWithinMs || now >= one.rangAt + retentionMs) return false
  return isAnother(asking, one)
}

function isAnother({ carrier, call }: Asking, one: RememberedCall): boolean {
  return one.carrier !== carrier || one.call !== call
}

export function isKnownCaller(calls: readonly RememberedCall[], asking: Asking, now: number): boolean {
  return calls.some(one => isEarlier(asking, one, now))
}

/** The caller's latest call shortly before that reached the same number (rule C9). */
export function duplicated(
  calls: readonly RememberedCall[],
  asking: Asking,
  record: Pick<CallRecord, 'b' | 'forward'>,
  now: number,
): CallName | null {
  const reached = reachedBy(record)
  for (let place = calls.length - 1; place >= 0; place--) {
    const one = calls[place] as RememberedCall
    if (one.reached === reached && isJustBefore(asking, one, now))
      return { carrier: one.carrier, call: one.call }
  }
  return null
}

function reachedBy({ b, forward }: Pick<CallRecord, 'b' | 'forward'>): PhoneNumber {
  return forward ?? b
}

/** A call as its caller remembers it. */
export function entryOf(record: CallRecord): RememberedCall {
  const { carrier, call, rangAt, b } = record
  return { carrier, call, rangAt, b, to: attributionOf(record), reached: reachedBy(record) }
}

/** To whom an earlier call went, as long as that session is remembered and consent was not withdrawn. */
export function linkOf(asking: Asking, one: RememberedCall, now: number): Attribution | null {
  if (one.to === null || !isEarlier(asking, one, now)) return null
  const session = asking.index.sessions.get(one.to.session)
  if (session === undefined || session.withdrawnAt !== null) return null
  return isRemembered(asking.index, session, now) ? one.to : null
}

/** A call of which is known to whom it went. */
export type Link = RememberedCall & { readonly to: Attribution }

/** The latest earlier call that says who is calling. */
export function latestLink(calls: readonly RememberedCall[], asking: Asking, now: number): Link | null {
  for (let place = calls.length - 1; place >= 0; place--) {
    const call = calls[place] as RememberedCall
    if (linkOf(asking, call, now) !== null) return call as Link
  }
  return null
}

/** The calls of a caller with this one among them: those that rang last (rule F3). */
export function withCall(
  { bounds }: TenantIndex,
  calls: readonly RememberedCall[],
  one: RememberedCall,
): RememberedCall[] {
  return [...withoutCall(calls, one), one].sort(byRing).slice(-bounds.callsPerCallerMax)
}

export function withoutCall(
  calls: readonly RememberedCall[],
  { carrier, call }: Pick<RememberedCall, 'carrier' | 'call'>,
): RememberedCall[] {
  return calls.filter(one => one.carrier !== carrier || one.call !== call)
}

/** To whom a call went, where its match says so by itself. */
export function attributionOf({ match }: CallRecord): Attribution | null {
  const { kind, session, visitor, source, confidence } = match
  const isHolder = kind === 'exact' || kind === 'tail' || kind === 'cooldown' || kind === 'shared'
  return isHolder && session !== null && visitor !== null ? { session, visitor, source, confidence } : null
}

function byRing(one: RememberedCall, other: RememberedCall): number {
  if (one.rangAt !== other.rangAt) return one.rangAt - other.rangAt
  if (one.carrier !== other.carrier) return one.carrier < other.carrier ? -1 : 1
  return one.call < other.call ? -1 : 1
}
