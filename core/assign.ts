import { isRemembered } from './due.ts'
import { endOf, heldUntil, isHoldOver, lastLife, sessionOf } from './life.ts'
import type { NumberLent, Outcome } from './outcome.ts'
import type { Segments, TargetPolicy } from './policy.ts'
import type { Session, Visitor } from './records.ts'
import { type Pool, poolFor, type TenantIndex } from './state.ts'
import type { LogTime, PhoneNumber, SessionId, VisitorId } from './words.ts'

/** Who is to be shown numbers. */
export type Guest = {
  readonly index: TenantIndex
  readonly site: string
  readonly visitor: VisitorId
  /** What is remembered of the visitor on the site. */
  readonly before: Visitor | undefined
  readonly session: SessionId
  /** null: the session opens with this entry. */
  readonly known: Session | null
  /** The segments that the session is of. */
  readonly segments?: Segments
}

/** The numbers that the targets of a page show to this visit: kept where held, lent anew where not (rule V7). */
export function numbersFor(guest: Guest, asked: readonly string[] | null, now: LogTime): Outcome[] {
  const shown = guest.index.sites.get(guest.site) as readonly TargetPolicy[]
  if (asked === null) return shown.map(target => numberFor(guest, target, now))
  const outcomes: Outcome[] = []
  asked.forEach((id, place) => {
    const target = shown.find(one => one.id === id)
    if (target !== undefined && asked.indexOf(id) === place) outcomes.push(numberFor(guest, target, now))
  })
  return outcomes
}

function numberFor(guest: Guest, target: TargetPolicy, now: LogTime): Outcome {
  const { index, known, session } = guest
  const held = known?.held.find(holding => holding.target === target.id)
  if (known !== null && held !== undefined && now < heldUntil(held, lastLife(known))) {
    const { number, shared } = held
    return { kind: 'number-kept', tenant: index.id, session, target: target.id, number, shared }
  }
  const pool = poolFor(index, target, guest.segments)
  const lent = pool === null ? null : lend(guest, target, pool, now)
  return lent ?? fallback(guest, target, pool)
}

function fallback({ index, session }: Guest, target: TargetPolicy, pool: Pool | null): Outcome {
  const { id, static: number } = target
  const from = pool?.policy.id ?? null
  return { kind: 'fallback-shown', tenant: index.id, session, target: id, pool: from, number }
}

function lend(guest: Guest, target: TargetPolicy, pool: Pool, now: LogTime): NumberLent | null {
  const lent = (number: PhoneNumber, shared: boolean, sticky: boolean): NumberLent => ({
    kind: 'number-lent',
    tenant: guest.index.id,
    session: guest.session,
    target: target.id,
    pool: pool.policy.id,
    number,
    shared,
    sticky,
  })
  const again = stickyNumber(guest, target, pool, now)
  if (again !== null) return lent(again, false, true)
  const longest = pool.free.first(pool.freeAt)
  if (longest === null) return null
  const number = pool.numbers[longest.key] as PhoneNumber
  if (longest.at <= now) return lent(number, false, false)
  return pool.policy.overflow === 'share' && canShare(guest, number, now) ? lent(number, true, false) : null
}

/** The number this visitor had, if it is free or all running claims on it are the visitor's own (rule A3). */
function stickyNumber(guest: Guest, target: TargetPolicy, pool: Pool, now: LogTime): PhoneNumber | null {
  const { index, before, site, visitor } = guest
  const last = before?.lent.find(one => one.target === target.id)
  if (last === undefined || index.poolOfNumber.get(last.number) !== pool) return null
  const lentTo = index.sessions.get(last.session)
  if (lentTo === undefined || !isRemembered(index, lentTo, now)) return null
  if (now - lastLife(lentTo) >= pool.policy.stickyMs || isKeptFrom(guest, last.number, now)) return null
  for (const claim of index.numbers.get(last.number)?.claims ?? []) {
    const session = sessionOf(index, claim)
    const isOwn = claim.visitor === visitor && session?.site === site && !claim.nameless
    if (!isOwn && endOf(claim, session) > now) return null
  }
  return last.number
}

function holds({ known }: Guest, number: PhoneNumber, now: LogTime): boolean {
  if (known === null) return false
  const last = lastLife(known)
  return known.held.some(holding => holding.number === number && now < heldUntil(holding, last))
}

/** Whether the session holds a number, or held it for as long as it may (rule A8). */
function isKeptFrom(guest: Guest, number: PhoneNumber, now: LogTime): boolean {
  if (holds(guest, number, now)) return true
  const { index, session } = guest
  return (index.numbers.get(number)?.claims ?? []).some(
    claim =>
      claim.session === session && isHoldOver(claim, now) && now < endOf(claim, sessionOf(index, claim)),
  )
}

/** A number that is not free can be shared while there is room for one more claim (rule A5). */
function canShare(guest: Guest, number: PhoneNumber, now: LogTime): boolean {
  if (isKeptFrom(guest, number, now)) return false
  const { index } = guest
  const claims = index.numbers.get(number)?.claims ?? []
  if (claims.length < index.bounds.claimsPerNumberMax) return true
  return claims.some(claim => endOf(claim, sessionOf(index, claim)) <= now)
}
