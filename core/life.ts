import type { Claim, Holding, NumberRecord, Session, Span } from './records.ts'
import type { TenantIndex } from './state.ts'

/** When a session lived, and what follows for the numbers it holds (rules E1 to E6, E8 and E9). Every border is half-open. */

/** Instead of a quiet time: there is no claim at that moment. */
export const noClaim = -1
/** Instead of a quiet time: consent was withdrawn, or somebody erased, and the claim goes on without a name. */
export const nameless = -2

/** The very last sign of life of a session. */
export function lastLife(session: Session): number {
  return (session.spans[session.spans.length - 1] as Span)[1]
}

/**
 * The quiet time of a claim at a moment: since its session's last sign of life before. Later signs do not change it: a gap
 * stays a gap. `noClaim` where it has not begun or has ended, `nameless` after a withdrawal, or where it is nobody's.
 */
export function quietAt(claim: Claim, session: Session | null, at: number): number {
  if (at < claim.from) return noClaim
  if (session === null) return at < endOf(claim, null) ? nameless : noClaim
  if (claim.cut !== null && at >= claim.cut)
    return claim.nameless && at < claim.cut + claim.coolDownMs ? nameless : noClaim
  const quietMs = countedQuiet(claim, session.spans, at)
  if (quietMs === noClaim) return noClaim
  return at < tailUntil(claim, at - quietMs) + claim.coolDownMs ? quietMs : noClaim
}

/** Since the last sign of life that counts for the claim, however long that is. */
export function countedQuiet(
  { over, heardAt, idleMs, tailMs }: Claim,
  spans: readonly Span[],
  at: number,
): number {
  if (over !== null && at >= over) return at - (heardAt ?? over - idleMs - tailMs)
  const quietMs = quietOf(spans, at)
  return heardAt === undefined || at < heardAt || quietMs === noClaim ? quietMs : at - heardAt
}

/** How a claim stands that has been quiet for so long at a moment; its cool-down may be over (rules E5, E8 and E9). */
export function phaseOf(claim: Claim, quietMs: number, at: number): 'alive' | 'tail' | 'cooldown' {
  const last = at - quietMs
  if (at < aliveUntil(claim, last)) return 'alive'
  return at < tailUntil(claim, last) ? 'tail' : 'cooldown'
}

/** Whether a claim has lasted for as long as it may (rule E9). */
export function isHoldOver({ from, maxHoldMs }: Claim, at: number): boolean {
  return maxHoldMs !== undefined && at >= from + maxHoldMs
}

function aliveUntil({ from, idleMs, maxHoldMs }: Claim, last: number): number {
  return maxHoldMs === undefined ? last + idleMs : Math.min(last + idleMs, from + maxHoldMs)
}

/** When the tail of a claim ends, by the last sign of life that counts for it. */
export function tailUntil(claim: Claim, last: number): number {
  const until = aliveUntil(claim, last) + claim.tailMs
  return claim.minHoldMs === undefined ? until : Math.max(until, claim.from + claim.minHoldMs)
}

/** From then on a session holds a number no more, by its last sign of life. */
export function heldUntil({ reachMs, minUntil = 0, maxUntil }: Holding, last: number): number {
  const until = Math.max(last + reachMs, minUntil)
  return maxUntil === undefined ? until : Math.min(until, maxUntil)
}

/** Since the last sign of life at or before `at`; before what is remembered, `noClaim`. */
function quietOf(spans: readonly Span[], at: number): number {
  for (let place = spans.length - 1; place >= 0; place--) {
    const span = spans[place] as Span
    if (span[0] <= at) return at < span[1] ? 0 : at - span[1]
  }
  return noClaim
}

/** When nothing is left of a claim, as far as is known now: the end of its cool-down. */
export function endOf(claim: Claim, session: Session | null): number {
  if (claim.cut !== null) return claim.nameless ? claim.cut + claim.coolDownMs : claim.cut
  if (claim.over !== null) return claim.over + claim.coolDownMs
  return tailUntil(claim, lastLife(session as Session)) + claim.coolDownMs
}

/** The session of a claim: while it is remembered its claims are, no longer. null: it was erased (rule P2). */
export function sessionOf(index: TenantIndex, claim: Claim): Session | null {
  return claim.session === null ? null : (index.sessions.get(claim.session) as Session)
}

/** When the last claim on a number ends; 0 for one that was never lent. */
export function freeAt(index: TenantIndex, record: NumberRecord | undefined): number {
  if (record === undefined) return 0
  let latest = record.freeSince
  for (const claim of record.claims) latest = Math.max(latest, endOf(claim, sessionOf(index, claim)))
  return latest
}

/** From this moment on a sign of life does not continue the session (rule E3). */
export function overAt(index: TenantIndex, session: Session): number {
  const last = lastLife(session)
  return hasRoom(index, session)
    ? Math.max(last + session.reachMs, session.keptUntil ?? 0)
    : last + session.gapMs
}

/** Whether one more span can be remembered. */
function hasRoom(index: TenantIndex, session: Session): boolean {
  if (session.spans.length < index.bounds.spansPerSessionMax) return true
  const second = session.spans[1] as Span
  return second[0] <= lastLife(session) - index.policy.latenessMs
}

/** Whether a sign of life now would continue the session. */
export function canContinue(index: TenantIndex, session: Session, now: number): boolean {
  return session.endedAt === null && now < overAt(index, session)
}

/** Whether a session holds a number past its tail, or past its hold: a sign of life now would not keep it. */
export function hasLapsed(session: Session, now: number): boolean {
  const last = lastLife(session)
  return session.held.some(holding => now >= heldUntil(holding, last))
}
