import { isRemembered } from './due.ts'
import { countedQuiet, endOf, nameless, noClaim, quietAt, sessionOf } from './life.ts'
import type { Claim, Session } from './records.ts'
import type { State, TenantIndex } from './state.ts'
import type { PhoneNumber, VisitorId } from './words.ts'

/** Who had a claim on a number at a moment, and who had it before. */

/** A number and a moment. */
export type Asked = { readonly index: TenantIndex; readonly b: PhoneNumber; readonly at: number }

/** Who had a claim at T: alive, in tail or in cool-down, or without a name. */
export type Holder = {
  readonly claim: Claim
  /** null: it was erased, and the holder has no name. */
  readonly session: Session | null
  readonly quietMs: number
  /** All claims on the number that are remembered, lent first first. */
  readonly claims: readonly Claim[]
}

/** One who has a name. */
export type Named = Holder & { readonly session: Session }

export function isNamed(holder: Holder): holder is Named {
  return holder.session !== null && holder.quietMs !== nameless
}

const nobody: readonly Holder[] = []

/** The holders of B at T, lent last first; of several claims of a session the one lent last counts (rule M2). */
export function holdersAt(state: State, { index, b, at }: Asked, isBeyond: boolean): readonly Holder[] {
  const claims = index.numbers.get(b)?.claims
  if (claims === undefined) return nobody
  let holders: Holder[] | null = null
  for (let place = claims.length - 1; place >= 0; place--) {
    const claim = claims[place] as Claim
    if (claim.from > at) continue
    const session = sessionOf(index, claim)
    const quietMs = quietAt(claim, session, at)
    const isLookedAt = !isBeyond || endOf(claim, session) > state.now - index.policy.latenessMs
    if (quietMs !== noClaim && isLookedAt) {
      if (holders === null) holders = [{ claim, session, quietMs, claims }]
      else if (session === null || !holders.some(holder => holder.session === session))
        holders.push({ claim, session, quietMs, claims })
    }
    // What was lent unshared was free: whatever was lent before had ended by then.
    if (!claim.shared) break
  }
  return holders ?? nobody
}

/**
 * Who had B last before T, where nobody has it at T and it was lent to nobody since (rule M13). null too where whoever had
 * it later is not remembered, was withdrawn, or is remembered without a name.
 */
export function lastHolderAt(state: State, { index, b, at }: Asked): Named | null {
  const record = index.numbers.get(b)
  if (record === undefined) return null
  const claim = record.claims.findLast(one => one.from <= at && isKept(state, index, one))
  if (claim === undefined || claim.cut !== null) return null
  const session = sessionOf(index, claim)
  if (session === null || session.withdrawnAt !== null) return null
  const endsAt = endOf(claim, session)
  // What is past its time counts as what is forgotten, swept or not.
  const isAfter = (one: Claim) => !isKept(state, index, one) && endOf(one, sessionOf(index, one)) > endsAt
  if (record.freeSince > endsAt || record.claims.some(isAfter)) return null
  const quietMs = countedQuiet(claim, session.spans, at)
  return quietMs === noClaim ? null : { claim, session, quietMs, claims: record.claims }
}

/** What was withdrawn is no longer looked at than what was erased, which leaves memory when a lateness is over (rule P4). */
function isKept(state: State, index: TenantIndex, claim: Claim): boolean {
  const session = sessionOf(index, claim)
  if (session === null || session.withdrawnAt !== null)
    return endOf(claim, session) > state.now - index.policy.latenessMs
  return isRemembered(index, session, state.now)
}

/**
 * How long before T somebody else had B before this claim, as if that was last alive for as long before its end as this one
 * would be (rule M3).
 */
export function restAt(state: State, { index, at }: Asked, { claim, claims }: Holder): number {
  for (let place = claims.lastIndexOf(claim) - 1; place >= 0; place--) {
    const before = claims[place] as Claim
    const session = sessionOf(index, before)
    if (isTheirs(before, session, claim.visitor)) continue
    const endsAt = endOf(before, session)
    if (endsAt <= state.now - index.policy.latenessMs) return longAgo
    return at - endsAt + claim.idleMs + claim.tailMs + claim.coolDownMs
  }
  return longAgo
}

/** Whether the claim is known to be that visitor's: of what was withdrawn it is not, as of what was erased (rule P4). */
export function isTheirs(claim: Claim, session: Session | null, visitor: VisitorId | null): boolean {
  return session !== null && session.withdrawnAt === null && claim.visitor === visitor
}

/** Nobody had it before, as far as is looked at. */
const longAgo = Number.MAX_SAFE_INTEGER
