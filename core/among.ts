import type { Link } from './caller.ts'
import type { Named } from './holders.ts'
import type { Candidate, Match, MatchKind } from './outcome.ts'
import type { Session } from './records.ts'
import { shareOf } from './weigh.ts'

/** Several may have called: what is known is split between them and somebody unknown by what speaks for each. */

/** Somebody who may have called. */
export type Suspect = Pick<Session, 'session' | 'visitor' | 'source'> & {
  /** What a call is that was theirs. */
  readonly kind: MatchKind
  readonly weight: number
  /** When the number was lent to them; -1 for one of whom only an earlier call is known. */
  readonly lentAt: number
}

export function holderAs(kind: MatchKind, { claim, session }: Named, weight: number): Suspect {
  const { session: id, visitor, source } = session
  return { kind, session: id, visitor, source, weight, lentAt: claim.from }
}

/** Who called before, as one who may have called again (rule M8). */
export function callerAs(link: Link, weight: number): Suspect {
  const { session, visitor, source } = link.to
  return { kind: 'returning', session, visitor, source, weight, lentAt: -1 }
}

/** The one for whom most speaks is the answer, and all are listed. `others` is the weight of those without a name. */
export function matchAmong(
  suspects: readonly Suspect[],
  others: number,
  most: number,
  reasons: readonly string[],
): Match {
  const all = suspects.reduce((sum, { weight }) => sum + weight, others)
  const sorted = suspects.toSorted(byWeight)
  const best = sorted[0] as Suspect
  const candidates = sorted.slice(0, most).map(
    ({ session, visitor, weight }): Candidate => ({
      session,
      visitor,
      confidence: shareOf(weight, all),
    }),
  )
  const { kind, session, visitor, source } = best
  const { confidence } = candidates[0] as Candidate
  const why = kind === 'returning' ? [...reasons, 'returning:known-caller'] : reasons
  return { kind, confidence, session, visitor, source, candidates, reasons: why }
}

/** Most weight first; among equals the one lent later, then the larger session id. */
function byWeight(one: Suspect, other: Suspect): number {
  if (one.weight !== other.weight) return other.weight - one.weight
  if (one.lentAt !== other.lentAt) return other.lentAt - one.lentAt
  return one.session < other.session ? 1 : -1
}
