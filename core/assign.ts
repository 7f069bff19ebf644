import type { Outcome } from './outcome.ts'
import type { PoolPolicy, TargetPolicy } from './policy.ts'
import type { Claim, Holding, Session } from './records.ts'
import { freeAt, numberFreeAt, phaseAt } from './life.ts'
import { type State, type TenantIndex, numberKey, visitorKey } from './state.ts'
import type { PhoneNumber, SessionId, VisitorId } from './words.ts'

export type Guest = {
  readonly tenant: string
  readonly site: string
  readonly session: SessionId
  readonly visitor: VisitorId
  /** null: the session opens with this entry. */
  readonly known: Session | null
}

/** The numbers that the targets of a page show to this visit: kept where held, lent anew where not. */
export function numbersFor(
  state: State,
  index: TenantIndex,
  guest: Guest,
  targets: readonly string[] | null,
): Outcome[] {
  const site = index.policy.sites.find(one => one.key === guest.site)
  const wanted = targets ?? site?.targets ?? []
  const outcomes: Outcome[] = []
  for (const id of new Set(wanted)) {
    const target = index.targets.get(id)
    if (target !== undefined) outcomes.push(numberFor(state, index, guest, target))
  }
  return outcomes
}

function numberFor(state: State, index: TenantIndex, guest: Guest, target: TargetPolicy): Outcome {
  const { tenant, session } = guest
  const held = guest.known?.holdings.find(holding => holding.target === target.id)
  if (held !== undefined && !tailIsOver(state, tenant, session, held)) {
    return {
      kind: 'number-kept',
      tenant,
      session,
      target: target.id,
      number: held.number,
      shared: held.shared,
    }
  }
  const pool = target.pool === null ? undefined : index.pools.get(target.pool)
  return (pool && lend(state, index, guest, target, pool)) ?? fallback(guest, target)
}

function fallback({ tenant, session }: Guest, target: TargetPolicy): Outcome {
  return {
    kind: 'fallback-shown',
    tenant,
    session,
    target: target.id,
    pool: target.pool,
    number: target.static,
  }
}

/** A holding whose own tail is over has to be lent anew, although its session goes on. */
export function tailIsOver(state: State, tenant: string, session: SessionId, holding: Holding): boolean {
  const claim = claimOf(state, tenant, session, holding.number)
  if (claim === undefined) return true
  const { phase } = phaseAt(state, claim, state.now)
  return phase !== 'alive' && phase !== 'tail'
}

export function claimOf(
  state: State,
  tenant: string,
  session: SessionId,
  number: PhoneNumber,
): Claim | undefined {
  return state.tables.numbers
    .get(numberKey(tenant, number))
    ?.claims.findLast(claim => claim.session === session && claim.voidFrom === null)
}

function lend(
  state: State,
  index: TenantIndex,
  guest: Guest,
  target: TargetPolicy,
  pool: PoolPolicy,
): Outcome | null {
  const { tenant, session } = guest
  const lent = (number: PhoneNumber, how: { shared: boolean; sticky: boolean }): Outcome => ({
    kind: 'number-lent',
    tenant,
    session,
    target: target.id,
    pool: pool.id,
    number,
    ...how,
  })
  const again = stickyNumber(state, index, guest, pool)
  if (again !== null) return lent(again, { shared: false, sticky: true })
  const longest = longestFree(state, index, tenant, pool)
  if (longest === null) return null
  if (longest.at <= state.now) return lent(longest.number, { shared: false, sticky: false })
  return pool.overflow === 'share' ? lent(longest.number, { shared: true, sticky: false }) : null
}

/** The number this visitor had, if it is free or all running claims on it are the visitor's own. */
function stickyNumber(state: State, index: TenantIndex, guest: Guest, pool: PoolPolicy): PhoneNumber | null {
  const visitor = state.tables.visitors.get(visitorKey(guest.tenant, guest.site, guest.visitor))
  const number = visitor?.numbers[pool.id]
  if (visitor === undefined || number === undefined) return null
  if (state.now - visitor.lastAt >= pool.stickyMs || index.poolOfNumber.get(number)?.id !== pool.id)
    return null
  const claims = state.tables.numbers.get(numberKey(guest.tenant, number))?.claims ?? []
  const foreign = claims.some(claim => claim.visitor !== guest.visitor && freeAt(state, claim) > state.now)
  return foreign ? null : number
}

/** The number whose last claim ended, or will end, first; ties by place in the pool. */
function longestFree(
  state: State,
  index: TenantIndex,
  tenant: string,
  pool: PoolPolicy,
): { number: PhoneNumber; at: number } | null {
  const first = index.free.get(pool.id)?.first(key => numberFreeAt(state, tenant, key.slice(8)))
  return first == null ? null : { number: first.key.slice(8) as PhoneNumber, at: first.at }
}
