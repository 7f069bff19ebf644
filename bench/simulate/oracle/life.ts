import type { PhoneNumber } from '../../../core/words.ts'
import {
  type Facts,
  isKnown,
  knownSession,
  type Lending,
  lendingsOf,
  policyOf,
  type SessionFact,
  type Sign,
} from './facts.ts'

/** Rules E1 to E6, E8 and E9: who is alive when, from the bare list of signs of life. */

const minute = 60_000
const withoutNumbers = {
  idleMs: 5 * minute,
  reachMs: 25 * minute,
  holdMs: 25 * minute,
  shortestIdleMs: 5 * minute,
}

/** Rule E2: over all numbers lent to the session so far. */
export function durationsOf(facts: Facts, session: SessionFact) {
  const pools = lendingsOf(facts, session.session).map(lending => lending.pool)
  if (pools.length === 0) return withoutNumbers
  return {
    idleMs: Math.max(...pools.map(pool => pool.idleTimeoutMs)),
    reachMs: Math.max(...pools.map(pool => pool.idleTimeoutMs + pool.tailMs)),
    holdMs: Math.max(
      ...pools.map(pool => Math.max(pool.idleTimeoutMs + pool.tailMs, pool.minHoldMs ?? 0) + pool.coolDownMs),
    ),
    shortestIdleMs: Math.min(...pools.map(pool => pool.idleTimeoutMs)),
  }
}

export function lastSign(session: SessionFact): number {
  return Math.max(...session.signs.map(sign => sign.at))
}

/** Rule E1: a sign of life now, and whether it begins a span by the numbers lent so far. */
export function signNow(facts: Facts, session: SessionFact): Sign {
  const isFirst = session.signs.length === 0
  const gap = durationsOf(facts, session).shortestIdleMs
  return { at: facts.now, startsSpan: isFirst || facts.now - lastSign(session) >= gap }
}

/** Rule E3: when the spans began that are remembered. */
function spanStarts(facts: Facts, session: SessionFact): number[] {
  const starts = session.signs.filter(sign => sign.startsSpan).map(sign => sign.at)
  return starts.slice(-facts.bounds.spansPerSessionMax)
}

/** Rule E3: the first moment at which the session cannot be continued, if nothing more is heard of it. */
export function continuableUntil(facts: Facts, session: SessionFact): number {
  if (session.withdrawnAt !== null) return session.withdrawnAt
  const { reachMs, shortestIdleMs } = durationsOf(facts, session)
  const latenessMs = policyOf(facts, session.tenant)?.latenessMs ?? 0
  const last = lastSign(session)
  const starts = spanStarts(facts, session)
  const second = starts[1] as number
  const isFull = starts.length >= facts.bounds.spansPerSessionMax && second > last - latenessMs
  if (isFull) return last + Math.min(shortestIdleMs, reachMs)
  const kept = lendingsOf(facts, session.session).map(lending => lending.at + (lending.pool.minHoldMs ?? 0))
  return Math.max(last + reachMs, ...kept)
}

export function canBeContinued(facts: Facts, session: SessionFact): boolean {
  return isKnown(session) && session.announcedIn === null && facts.now < continuableUntil(facts, session)
}

export type Standing = {
  readonly phase: 'alive' | 'tail' | 'cooldown' | 'over'
  /** Since the last sign of life that counts for the claim. */
  readonly quietMs: number
  readonly isNamed: boolean
}

/** Rule E9: from then on the session does not hold the number any more, whatever it does. */
export function longestHold({ at, pool }: Lending): number {
  return pool.maxHoldMs === undefined ? Number.POSITIVE_INFINITY : at + pool.maxHoldMs
}

/** Rules E5 and E9. */
function tailBegin(lending: Lending, last: number): number {
  return Math.min(last + lending.pool.idleTimeoutMs, longestHold(lending))
}

/** Rules E5 and E8. */
function tailEnd(lending: Lending, last: number): number {
  return Math.max(tailBegin(lending, last) + lending.pool.tailMs, lending.at + (lending.pool.minHoldMs ?? 0))
}

/** Rule E5, with A3 and V6: how a claim stood at `at`, by the signs of life up to then. */
export function standingAt(facts: Facts, lending: Lending, at: number): Standing {
  const { coolDownMs } = lending.pool
  const { takenOverAt, withdrawnAt, erasedUntil } = lending
  if (erasedUntil !== null) {
    const phase = at >= lending.at && at < erasedUntil ? 'cooldown' : 'over'
    return { phase, quietMs: 0, isNamed: false }
  }
  const last = lastThatCounts(facts, lending, at)
  const quietMs = at - last
  const isOver = takenOverAt !== null && at >= takenOverAt
  if (at < lending.at || isOver || isForgotten(facts, lending, at))
    return { phase: 'over', quietMs, isNamed: true }
  if (withdrawnAt !== null && at >= withdrawnAt)
    return { phase: at < withdrawnAt + coolDownMs ? 'cooldown' : 'over', quietMs, isNamed: false }
  if (at < tailBegin(lending, last)) return { phase: 'alive', quietMs, isNamed: true }
  if (at < tailEnd(lending, last)) return { phase: 'tail', quietMs, isNamed: true }
  const isCooling = at < tailEnd(lending, last) + coolDownMs
  return { phase: isCooling ? 'cooldown' : 'over', quietMs, isNamed: true }
}

export function sessionOf(facts: Facts, lending: Lending): SessionFact {
  return facts.sessions.find(one => one.session === lending.session) as SessionFact
}

/** Whether it is known how the claim stood at that moment. */
export function isRememberedAt(facts: Facts, lending: Lending, at: number): boolean {
  return !isForgotten(facts, lending, at)
}

/** Rule E3: before the first span that is remembered nothing is known. */
function isForgotten(facts: Facts, lending: Lending, at: number): boolean {
  return at < (spanStarts(facts, sessionOf(facts, lending))[0] as number)
}

/** The last sign of life up to `until` that the claim lived to see: what comes after its tail does not revive it. */
function lastThatCounts(facts: Facts, lending: Lending, until: number): number {
  let last = lending.at
  for (const sign of sessionOf(facts, lending).signs) {
    if (sign.at < lending.at || sign.at > until) continue
    if (sign.at >= tailEnd(lending, last) || sign.at >= longestHold(lending)) break
    last = sign.at
  }
  return last
}

/** When the claim's tail ends, if nothing more is heard. */
export function tailEndOf(facts: Facts, lending: Lending): number {
  return tailEnd(lending, lastThatCounts(facts, lending, Number.POSITIVE_INFINITY))
}

/** When the claim's cool-down ends, as far as is known: from then on the number is free of it. */
export function endOf(facts: Facts, lending: Lending): number {
  const { takenOverAt, withdrawnAt, erasedUntil } = lending
  if (erasedUntil !== null) return erasedUntil
  if (takenOverAt !== null) return takenOverAt
  return (withdrawnAt ?? tailEndOf(facts, lending)) + lending.pool.coolDownMs
}

/** Its session does not hold the number any more. */
export function holdIsOver(facts: Facts, lending: Lending): boolean {
  const { phase } = standingAt(facts, lending, facts.now)
  return phase === 'cooldown' || phase === 'over' || facts.now >= longestHold(lending)
}

/** The claims on a number that are remembered: with a session go its claims (rule F1). */
export function claimsOn(facts: Facts, tenant: string, number: PhoneNumber): Lending[] {
  return facts.lendings.filter(
    one =>
      one.tenant === tenant &&
      one.number === number &&
      !one.left &&
      (one.erasedUntil !== null || knownSession(facts, one.session) !== undefined),
  )
}

/** Rules A4 and F4: a number remembers when its last claim ended; 0 for what was never lent. */
export function freeFrom(facts: Facts, tenant: string, number: PhoneNumber): number {
  const ever = facts.lendings.filter(one => one.tenant === tenant && one.number === number)
  return Math.max(0, ...ever.map(claim => endOf(facts, claim)))
}
