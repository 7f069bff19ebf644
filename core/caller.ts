import { isRemembered } from './due.ts'
import type { Attribution, RememberedCall } from './records.ts'
import type { TenantIndex } from './state.ts'
import type { Pseudonym } from './words.ts'

/** What is known from a caller's earlier calls (rules M8, C8). */

/** A call that asks, and is no earlier call of itself. */
export type Asking = {
  readonly index: TenantIndex
  readonly carrier: string
  readonly call: string
  readonly at: number
}

const none: readonly RememberedCall[] = []

export function callersCalls(index: TenantIndex, a: Pseudonym | null): readonly RememberedCall[] {
  return a === null ? none : (index.callers.get(a)?.calls ?? none)
}

/** Whether it is another call, rang within the look-back before, and is within retention. */
function isEarlier({ index, carrier, call, at }: Asking, one: RememberedCall, now: number): boolean {
  const { retentionMs, calls } = index.policy
  const { rangAt } = one
  if (rangAt >= at || at - rangAt >= calls.returningLookBackMs || now >= rangAt + retentionMs) return false
  return one.carrier !== carrier || one.call !== call
}

export function isKnownCaller(calls: readonly RememberedCall[], asking: Asking, now: number): boolean {
  return calls.some(one => isEarlier(asking, one, now))
}

/** To whom an earlier call went, as long as that session is remembered and consent was not withdrawn. */
function linkOf(asking: Asking, one: RememberedCall, now: number): Attribution | null {
  if (one.to === null || !isEarlier(asking, one, now)) return null
  const session = asking.index.sessions.get(one.to.session)
  if (session === undefined || session.withdrawnAt !== null) return null
  return isRemembered(asking.index, session, now) ? one.to : null
}

/** The latest earlier call that says who is calling. */
export function latestLink(
  calls: readonly RememberedCall[],
  asking: Asking,
  now: number,
): Attribution | null {
  for (let place = calls.length - 1; place >= 0; place--) {
    const link = linkOf(asking, calls[place] as RememberedCall, now)
    if (link !== null) return link
  }
  return null
}

/** Whether an earlier call went to this visitor. */
export function wentTo(
  calls: readonly RememberedCall[],
  asking: Asking,
  visitor: string,
  now: number,
): boolean {
  return calls.some(one => linkOf(asking, one, now)?.visitor === visitor)
}
