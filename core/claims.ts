import { endOf, freeAt, heldUntil, lastLife, sessionOf, tailUntil } from './life.ts'
import type { Claim, NumberRecord, Session } from './records.ts'
import type { TenantIndex } from './state.ts'
import type { LogTime, PhoneNumber } from './words.ts'

/** How the claims on a number change: the leaves of `evolve.ts`, and used by nothing else. */

/** Files a number again in its pool: what was cut or lent may be free earlier than it was filed for. */
function fileNumber(index: TenantIndex, record: NumberRecord): void {
  const pool = index.poolOfNumber.get(record.number)
  pool?.free.file(pool.places.get(record.number) as number, freeAt(index, record))
}

/**
 * Adds a claim. Those that ended before the lateness began leave memory; above the bound the one that ended first does
 * (rule F4).
 */
export function addClaim(
  index: TenantIndex,
  now: LogTime,
  lent: { readonly number: PhoneNumber; readonly pool: string; readonly claim: Claim },
): void {
  const { number, pool, claim } = lent
  const before = index.numbers.get(number)
  const record = before ?? { number, claims: [], freeSince: 0, target: claim.target }
  const since = now - index.policy.latenessMs
  dropClaims(index, number, (_, endsAt) => endsAt <= since)
  if (record.claims.length >= index.bounds.claimsPerNumberMax) dropFirstEnded(index, record)
  record.claims.push(claim)
  record.target = claim.target
  record.pool = pool
  index.numbers.set(number, record)
  fileNumber(index, record)
}

/** Forgets claims; the number still knows when the last of them ended. */
export function dropClaims(
  index: TenantIndex,
  number: PhoneNumber,
  isDropped: (claim: Claim, endsAt: number) => boolean,
): void {
  const record = index.numbers.get(number)
  if (record === undefined) return
  const kept: Claim[] = []
  for (const claim of record.claims) {
    const endsAt = endOf(claim, sessionOf(index, claim))
    if (isDropped(claim, endsAt)) record.freeSince = Math.max(record.freeSince, endsAt)
    else kept.push(claim)
  }
  if (kept.length === record.claims.length) return
  record.claims = kept
  index.numbers.touch(number)
}

function dropFirstEnded(index: TenantIndex, record: NumberRecord): void {
  let first: Claim | null = null
  let earliest = Number.MAX_SAFE_INTEGER
  for (const claim of record.claims) {
    const endsAt = endOf(claim, sessionOf(index, claim))
    if (endsAt < earliest) [first, earliest] = [claim, endsAt]
  }
  dropClaims(index, record.number, claim => claim === first)
}

/** Ends claims now. `isCut` chooses them, and may say that they go on without a name. */
export function cutClaims(
  index: TenantIndex,
  number: PhoneNumber,
  now: LogTime,
  isCut: (claim: Claim, endsAt: number) => boolean,
): void {
  const record = index.numbers.get(number)
  if (record === undefined) return
  for (const claim of record.claims) if (isCut(claim, endOf(claim, sessionOf(index, claim)))) claim.cut = now
  index.numbers.touch(number)
  fileNumber(index, record)
}

/**
 * Takes the session out of its claims, which go on as somebody's: until a cool-down from now has passed if they run, else
 * until they ended. What ended before the lateness began leaves memory (rule P2).
 */
export function unnameClaims(index: TenantIndex, number: PhoneNumber, now: LogTime, session: Session): void {
  const record = index.numbers.get(number)
  if (record === undefined) return
  const since = now - index.policy.latenessMs
  dropClaims(index, number, (claim, endsAt) => claim.session === session.session && endsAt <= since)
  let before: Claim | null = null
  record.claims = record.claims.map(claim => {
    if (claim.session !== session.session) return claim
    const endsAt = endOf(claim, session)
    const until = claim.cut === null && endsAt > now ? now + claim.coolDownMs : endsAt
    before = bare(claim, until, before)
    return before
  })
  index.numbers.touch(number)
  fileNumber(index, record)
}

/** Of two that overlap the earlier one ends where the later begins: nobody could tell any more that both were one session's. */
function bare({ target, from, shared }: Claim, endsAt: number, before: Claim | null): Claim {
  const until = Math.max(endsAt, before?.cut ?? 0)
  if (before !== null && endOf(before, null) > from) before.cut = from
  return {
    session: null,
    visitor: null,
    target,
    from,
    idleMs: 0,
    tailMs: 0,
    coolDownMs: 0,
    shared,
    over: null,
    cut: until as LogTime,
    nameless: true,
  }
}

/** Before a sign of life counts: what the session holds past its tail, or its hold, is over for good (rules E5 and E9). */
export function lapse(index: TenantIndex, session: Session, now: LogTime): void {
  const last = lastLife(session)
  const lapsed = session.held.filter(holding => now >= heldUntil(holding, last))
  if (lapsed.length === 0) return
  for (const { target, number } of lapsed) {
    const claims = index.numbers.get(number)?.claims ?? []
    for (const claim of claims) {
      const isHeld = claim.session === session.session && claim.target === target
      if (isHeld && claim.over === null && claim.cut === null) settle(claim, last)
    }
    index.numbers.touch(number)
  }
  session.held = session.held.filter(holding => !lapsed.includes(holding))
}

function settle(claim: Claim, last: number): void {
  claim.over = tailUntil(claim, last) as LogTime
  if (claim.minHoldMs !== undefined || claim.maxHoldMs !== undefined) claim.heardAt = last as LogTime
}
