import type { CallRecord, Match, Touch } from '../../../core/outcome.ts'
import type { Source } from '../../../core/policy.ts'
import type { LogTime } from '../../../core/words.ts'
import { type Facts, isKnown, policyOf, type SessionFact } from './facts.ts'
import { claimsOn, endOf, standingAt } from './life.ts'
import { personal, type Question } from './asked.ts'

/** Rules T1 to T3 and C10: what a call's visitor had done by the time it rang. */

export function predictPath(
  facts: Facts,
  question: Question,
  match: Match,
): Pick<CallRecord, 'shownMs' | 'touches'> {
  return { shownMs: shownMs(facts, question, match), touches: touchesOf(facts, question, match) }
}

function touchesOf(facts: Facts, { tenant, at }: Question, { session: id }: Match): Touch[] {
  const named = facts.sessions.find(one => one.tenant === tenant && one.session === id && !one.gone)
  if (named === undefined) return []
  const { lookBackMs = 30 * 86_400_000, lookBackTouches = 20 } = policyOf(facts, tenant)?.calls ?? {}
  return facts.sessions
    .filter(one => one.tenant === tenant && one.site === named.site && one.visitor === named.visitor)
    .filter(one => isKnown(one) && one.withdrawnAt === null)
    .sort((one, other) => one.order - other.order)
    .flatMap(one => touchesIn(facts, one))
    .filter(touch => touch.at <= at && at - touch.at < lookBackMs)
    .slice(-lookBackTouches)
}

/** Rules T1 and T2. */
function touchesIn(facts: Facts, { session, source, openedAt }: SessionFact): Touch[] {
  if (source === null) return []
  const later: { at: number; source: Source }[] = []
  for (const view of facts.counted) {
    if (view.session !== session || view.source === null) continue
    const isDirect = view.source.source === '(direct)' && view.source.medium === '(none)'
    const before = later.at(-1)?.source ?? source
    if (!isDirect && JSON.stringify(before) !== JSON.stringify(view.source))
      later.push({ at: view.at, source: view.source })
  }
  const kept = later.slice(-facts.bounds.touchesPerSessionMax)
  return [{ at: openedAt, source }, ...kept].map(one => ({ ...one, at: one.at as LogTime, session }))
}

/** Of several lendings of the number to the session the last that was not over counts, as in M2. */
function shownMs(facts: Facts, { tenant, b, at }: Question, { kind, session }: Match): number | null {
  if (session === null || !personal.includes(kind)) return null
  const oldest = facts.now - (policyOf(facts, tenant)?.latenessMs ?? 0)
  const lent = claimsOn(facts, tenant, b).findLast(
    one =>
      one.session === session &&
      one.at <= at &&
      endOf(facts, one) > oldest &&
      standingAt(facts, one, at).phase !== 'over',
  )
  return lent === undefined ? null : at - lent.at
}
