import { limits } from './limits.ts'
import { numberKey, type State, sessionKey } from './memory.ts'
import type { Claim, Durations, NumberRow, SessionRow, Span } from './rows.ts'

/** Who held a number when, and how long a session lives: everything about time that is read off rows (rules E1–E6). */

const withoutNumbers: Durations = {
  shortestIdleMs: 5 * 60_000,
  longestIdleMs: 5 * 60_000,
  longestReachMs: 25 * 60_000,
  longestHoldMs: 25 * 60_000,
}

export type Phase = 'alive' | 'tail' | 'cooldown' | 'vacant'
/** `quietMs`: since the last sign of life; 0 inside a span. */
export type Standing = { readonly phase: Phase; readonly quietMs: number }

export function durationsOf(session: SessionRow): Durations {
  return session.durations ?? withoutNumbers
}

/** The session's last sign of life. */
export function lastOf(session: SessionRow): number {
  return (session.spans[session.spans.length - 1] as Span)[1]
}

/** The session's row, unless it is past its time in memory (rule F1), swept or not. */
export function sessionOf(state: State, tenant: string, id: string): SessionRow | undefined {
  const session = state.tables.sessions.get(sessionKey(tenant, id))
  const retentionMs = state.tenants.get(tenant)?.policy.retentionMs
  if (session === undefined || retentionMs === undefined) return undefined
  if (session.endedAt === null) return session
  return forgetSessionAt(session, retentionMs) > state.now ? session : undefined
}

/** From this moment on a sign of life does not continue the session (rule E3). */
export function continuableUntil(session: SessionRow): number {
  const durations = durationsOf(session)
  return lastOf(session) + (hasRoomForSpan(session) ? durations.longestReachMs : durations.shortestIdleMs)
}

export function canContinue(session: SessionRow, now: number): boolean {
  return session.endedAt === null && now < continuableUntil(session)
}

export function forgetSessionAt(session: SessionRow, retentionMs: number): number {
  const last = Math.max(lastOf(session), session.withdrawnAt ?? 0)
  return Math.max(last + retentionMs, last + durationsOf(session).longestHoldMs + limits.latenessMs)
}

function hasRoomForSpan(session: SessionRow): boolean {
  return session.spans.length < limits.spansPerSessionMax || isSpanOld(session)
}

/** The first span ends, and the gap behind it too, where no signal asks any more. */
function isSpanOld({ spans }: SessionRow): boolean {
  const second = spans[1]
  return second !== undefined && second[0] <= (spans[spans.length - 1] as Span)[1] - limits.latenessMs
}

/** A sign of life at `now`: the last span goes on, or a new one starts (rule E1). Changes the row. */
export function addSign(session: SessionRow, now: number): void {
  const span = session.spans[session.spans.length - 1] as Span
  if (now - span[1] < durationsOf(session).shortestIdleMs) {
    span[1] = now
    return
  }
  while (isSpanOld(session)) session.spans.shift()
  session.spans.push([now, now])
}

/** When the claim's tail is over, if no further sign of life counts for it. */
export function tailEndOf(claim: Claim, session: SessionRow): number {
  return claim.over ?? lastOf(session) + claim.idleMs + claim.tailMs
}

/** A claim that its session still has: neither over nor cut. */
export function isOpen(claim: Claim): boolean {
  return claim.over === null && claim.cut === null
}

/** When nothing of the claim is left: the end of its cool-down. */
export function endOf(state: State, tenant: string, claim: Claim): number {
  if (claim.cut !== null) return claim.vacant ? claim.cut + claim.coolDownMs : claim.cut
  if (claim.over !== null) return claim.over + claim.coolDownMs
  const session = state.tables.sessions.get(sessionKey(tenant, claim.session)) as SessionRow
  return tailEndOf(claim, session) + claim.coolDownMs
}

/** When the number is free: the latest end of its claims; 0 where it was never lent (rule A4). */
export function freeAt(state: State, tenant: string, number: string): number {
  const row = state.tables.numbers.get(numberKey(tenant, number))
  if (row === undefined) return 0
  let latest = row.freeSince
  for (const claim of row.claims) latest = Math.max(latest, endOf(state, tenant, claim))
  return latest
}

/** In which phase a claim was at `at`, or null (rules E5, E6). Signs of life after `at` do not count. */
export function standingAt(claim: Claim, session: SessionRow, at: number): Standing | null {
  if (at < claim.from) return null
  if (claim.cut !== null && at >= claim.cut) {
    const isVacant = claim.vacant && at < claim.cut + claim.coolDownMs
    return isVacant ? { phase: 'vacant', quietMs: at - claim.cut } : null
  }
  const quietMs = quietAt(claim, session, at)
  return quietMs === null ? null : phaseAfter(claim, quietMs)
}

function quietAt(claim: Claim, session: SessionRow, at: number): number | null {
  if (claim.over !== null && at >= claim.over) return at - claim.over + claim.idleMs + claim.tailMs
  for (let index = session.spans.length - 1; index >= 0; index--) {
    const [from, last] = session.spans[index] as Span
    if (from <= at) return Math.max(0, at - last)
  }
  return null
}

function phaseAfter(claim: Claim, quietMs: number): Standing | null {
  if (quietMs < claim.idleMs) return { phase: 'alive', quietMs }
  if (quietMs < claim.idleMs + claim.tailMs) return { phase: 'tail', quietMs }
  if (quietMs < claim.idleMs + claim.tailMs + claim.coolDownMs) return { phase: 'cooldown', quietMs }
  return null
}

/** The claim that a session has on a number it holds. */
export function openClaim(row: NumberRow | undefined, session: string, target: string): Claim | undefined {
  return row?.claims.find(claim => claim.session === session && claim.target === target && isOpen(claim))
}

/** What the session holds that is past its tail now: signs of life do not revive it. */
export function lapsedOf(state: State, session: SessionRow): SessionRow['held'] {
  const quietMs = state.now - lastOf(session)
  if (quietMs < durationsOf(session).shortestIdleMs) return []
  return session.held.filter(({ target, number }) => {
    const row = state.tables.numbers.get(numberKey(session.tenant, number))
    const claim = openClaim(row, session.session, target)
    return claim === undefined || quietMs >= claim.idleMs + claim.tailMs
  })
}
