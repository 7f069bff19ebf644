import type { Outcome } from '../../../core/outcome.ts'
import type { PoolPolicy, TargetPolicy, TenantPolicy } from '../../../core/policy.ts'
import type { PhoneNumber } from '../../../core/words.ts'
import { type Facts, knownSession, type Lending, lendingsOf, policyOf, type SessionFact } from './facts.ts'
import { claimsOn, endOf, freeFrom, holdIsOver, lastSign, longestHold, sessionOf } from './life.ts'

/** Rules A1 to A9: what each target shows. */

/** What a target shows, and what has to be lent for it. */
export type Shown = {
  readonly target: TargetPolicy
  readonly held: Lending | null
  readonly pool: PoolPolicy | null
  readonly choice: Choice | null
}

/** Says what is shown without lending anything yet: what is free is asked as the log stood before the event. */
export function chooseNumbers(facts: Facts, session: SessionFact, asked: readonly string[] | null): Shown[] {
  const policy = policyOf(facts, session.tenant) as TenantPolicy
  const has = policy.sites.find(site => site.key === session.site)?.targets ?? []
  const wanted = asked === null ? has : asked.filter(target => has.includes(target))
  return [...new Set(wanted)].map(id => {
    const target = policy.targets.find(one => one.id === id) as TargetPolicy
    const lending = heldLending(facts, session.session, id)
    const held = lending === undefined || holdIsOver(facts, lending) ? null : lending
    const pool = poolServing(policy, session, target)
    const choice = held !== null || pool === null ? null : choose(facts, session, target, pool)
    return { target, held, pool, choice }
  })
}

/** Lends what has to be lent, and says it. */
export function show(facts: Facts, session: SessionFact, { target, held, pool, choice }: Shown): Outcome {
  const where = { tenant: session.tenant, session: session.session, target: target.id }
  if (held !== null) return { kind: 'number-kept', ...where, number: held.number, shared: held.shared }
  if (pool === null || choice === null)
    return { kind: 'fallback-shown', ...where, pool: pool?.id ?? null, number: target.static }
  lend(facts, session, target, pool, choice)
  return { kind: 'number-lent', ...where, pool: pool.id, ...choice }
}

/** What the session was last lent for a target. */
export function heldLending(facts: Facts, session: string, target: string): Lending | undefined {
  return lendingsOf(facts, session).findLast(lending => lending.target === target)
}

/** Rules A2 and A9: a pool serves the first target that names it, in a segment or not. */
function poolServing(policy: TenantPolicy, session: SessionFact, target: TargetPolicy): PoolPolicy | null {
  const named = session.segments?.[target.id]
  const segment = (target.segments ?? []).find(({ id }) => id === named)
  const id = segment === undefined ? target.pool : segment.pool
  const serves = policy.targets.find(
    one => one.pool === id || (one.segments ?? []).some(other => other.pool === id),
  )
  return serves?.id === target.id ? (policy.pools.find(pool => pool.id === id) ?? null) : null
}

type Choice = { readonly number: PhoneNumber; readonly shared: boolean; readonly sticky: boolean }

function choose(facts: Facts, session: SessionFact, target: TargetPolicy, pool: PoolPolicy): Choice | null {
  const { tenant } = session
  const numbers = numbersOf(facts, tenant, pool)
  const sticky = stickyNumber(facts, session, target.id, pool)
  if (sticky !== null && numbers.includes(sticky)) return { number: sticky, shared: false, sticky: true }
  const [first] = numbers
    .map((number, place) => ({ number, place, from: freeFrom(facts, tenant, number) }))
    .sort((one, other) => one.from - other.from || one.place - other.place)
  if (first === undefined) return null
  if (first.from <= facts.now) return { number: first.number, shared: false, sticky: false }
  if (pool.overflow === 'fallback' || isKeptFrom(facts, session, first.number)) return null
  const claims = claimsOn(facts, tenant, first.number)
  const isFull =
    claims.length >= facts.bounds.claimsPerNumberMax && claims.every(claim => endOf(facts, claim) > facts.now)
  return isFull ? null : { number: first.number, shared: true, sticky: false }
}

/** Rule A2: a number in two pools belongs to the first. */
function numbersOf(facts: Facts, tenant: string, pool: PoolPolicy): PhoneNumber[] {
  const pools = policyOf(facts, tenant)?.pools ?? []
  return pool.numbers.filter(number => pools.find(one => one.numbers.includes(number))?.id === pool.id)
}

function holds(facts: Facts, session: SessionFact, number: PhoneNumber): boolean {
  const lent = lendingsOf(facts, session.session).filter(lending => lending.number === number)
  return lent.some(
    lending => heldLending(facts, session.session, lending.target) === lending && !holdIsOver(facts, lending),
  )
}

/** Rule A8, beside what it holds. */
function isKeptFrom(facts: Facts, session: SessionFact, number: PhoneNumber): boolean {
  const hadItLongest = claimsOn(facts, session.tenant, number).some(
    claim =>
      claim.session === session.session && longestHold(claim) <= facts.now && endOf(facts, claim) > facts.now,
  )
  return hadItLongest || holds(facts, session, number)
}

/** Rule A3. */
function stickyNumber(
  facts: Facts,
  session: SessionFact,
  target: string,
  pool: PoolPolicy,
): PhoneNumber | null {
  const { tenant, site, visitor } = session
  const isOwn = (one: Lending) =>
    one.tenant === tenant &&
    one.site === site &&
    one.visitor === visitor &&
    one.withdrawnAt === null &&
    one.erasedUntil === null
  const lent = facts.lendings.findLast(one => isOwn(one) && one.target === target)
  if (lent === undefined || isKeptFrom(facts, session, lent.number)) return null
  const before = knownSession(facts, lent.session)
  if (before === undefined || before.withdrawnAt !== null) return null
  if (facts.now - lastSign(before) >= pool.stickyMs) return null
  const running = claimsOn(facts, tenant, lent.number).filter(claim => endOf(facts, claim) > facts.now)
  return running.every(isOwn) ? lent.number : null
}

function lend(
  facts: Facts,
  session: SessionFact,
  target: TargetPolicy,
  pool: PoolPolicy,
  { number, shared, sticky }: Choice,
): void {
  const { tenant, site, visitor } = session
  const claims = claimsOn(facts, tenant, number)
  for (const claim of claims) {
    if (sticky && endOf(facts, claim) > facts.now) claim.takenOverAt = facts.now
  }
  leaveOldClaims(facts, tenant, number)
  facts.order += 1
  facts.lendings.push({
    tenant,
    site,
    target: target.id,
    pool,
    number,
    session: session.session,
    visitor,
    at: facts.now,
    order: facts.order,
    shared,
    takenOverAt: null,
    withdrawnAt: null,
    erasedUntil: null,
    left: false,
  })
}

/** Rule F4. */
function leaveOldClaims(facts: Facts, tenant: string, number: PhoneNumber): void {
  const since = facts.now - (policyOf(facts, tenant)?.latenessMs ?? 0)
  const claims = facts.lendings.filter(
    one =>
      one.tenant === tenant &&
      one.number === number &&
      !one.left &&
      (one.erasedUntil !== null || !sessionOf(facts, one).gone),
  )
  for (const claim of claims) if (endOf(facts, claim) <= since) claim.left = true
  const kept = claims.filter(claim => !claim.left)
  if (kept.length < facts.bounds.claimsPerNumberMax) return
  const first = kept.toSorted((a, b) => endOf(facts, a) - endOf(facts, b) || a.order - b.order)[0]
  if (first !== undefined) first.left = true
}
