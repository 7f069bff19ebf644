import { isRemembered } from './due.ts'
import type { CallRecord, Match, Touch } from './outcome.ts'
import { callDefaults, type Source } from './policy.ts'
import type { Session } from './records.ts'
import { endOf, noClaim, quietAt, sessionOf } from './life.ts'
import { isSameOrigin } from './source.ts'
import { type State, type TenantIndex, visitorKey } from './state.ts'
import type { LogTime, PhoneNumber, SessionId } from './words.ts'

/** What brought a visitor, and when: from what is remembered of sessions (rules T1 to T4). */

export function isDirect({ source, medium }: Source): boolean {
  return source === '(direct)' && medium === '(none)'
}

/** Whether a page view with this source is a touch of its own in a session that has a source (rule T1). */
export function isTouch(session: Session, source: Source): boolean {
  const before = session.touches?.at(-1)?.source ?? session.source
  return before !== null && !isDirect(source) && !isSameOrigin(before, source)
}

type Matched = Pick<CallRecord, 'b' | 'rangAt'> & { readonly match: Match }

/** What follows from a match of what its visitor had done by then. */
export function ledTo(
  state: State,
  index: TenantIndex,
  matched: Matched,
): Pick<CallRecord, 'shownMs' | 'touches'> {
  return { shownMs: shownMs(state, index, matched), touches: touchesOf(state, index, matched) }
}

const noTouches: readonly Touch[] = []

/** The path up to the ring (rule T3). Looked at from its end, so that a long past costs nothing. */
function touchesOf(state: State, index: TenantIndex, { match, rangAt }: Matched): readonly Touch[] {
  const session = match.session === null ? undefined : index.sessions.get(match.session)
  if (session === undefined) return noTouches
  const { lookBackMs = callDefaults.lookBackMs, lookBackTouches = callDefaults.lookBackTouches } =
    index.policy.calls
  const visits = index.visitors.get(visitorKey(session.site, session.visitor))?.sessions ?? []
  const since = rangAt - lookBackMs
  const path: Touch[] = []
  for (let place = visits.length - 1; place >= 0 && path.length < lookBackTouches; place--) {
    const visit = index.sessions.get(visits[place] as SessionId) as Session
    if (!isRemembered(index, visit, state.now)) continue
    addTouches(path, visit, { since, until: rangAt, most: lookBackTouches })
    if (visit.startedAt <= since) break
  }
  return path.length === 0 ? noTouches : path.reverse()
}

type Reach = { readonly since: number; readonly until: number; readonly most: number }

/** The touches of one session, the latest first: after `since`, up to `until`. */
function addTouches(path: Touch[], visit: Session, { since, until, most }: Reach): void {
  const { session, startedAt, source, touches = [] } = visit
  const add = (at: LogTime, from: Source | null) => {
    if (from !== null && at > since && at <= until && path.length < most)
      path.push({ at, session, source: from })
  }
  for (let place = touches.length - 1; place >= 0; place--) {
    const { at, source: from } = touches[place] as { at: LogTime; source: Source }
    add(at, from)
  }
  add(startedAt, source)
}

/** For how long the session that is named had the number when it rang; null: it did not have it (rule C10). */
function shownMs(state: State, index: TenantIndex, { match, b, rangAt }: Matched): number | null {
  if (match.session === null || match.kind === 'returning') return null
  const lentAt = lentLast(state, index, { b, rangAt, session: match.session })
  return lentAt === null ? null : rangAt - lentAt
}

type Lent = { readonly b: PhoneNumber; readonly rangAt: number; readonly session: SessionId }

/** When the claim was lent by which the session is a holder (rule M2). */
function lentLast(state: State, index: TenantIndex, { b, rangAt, session: id }: Lent): LogTime | null {
  const oldest = state.now - index.policy.latenessMs
  const claims = index.numbers.get(b)?.claims ?? []
  for (let place = claims.length - 1; place >= 0; place--) {
    const claim = claims[place]
    if (claim === undefined || claim.session !== id || claim.from > rangAt) continue
    const session = sessionOf(index, claim)
    const isLookedAt = rangAt >= oldest || endOf(claim, session) > oldest
    if (isLookedAt && quietAt(claim, session, rangAt) !== noClaim) return claim.from
  }
  return null
}
