import type { Candidate, Match, MatchKind } from '../../../core/outcome.ts'
import type { Source, TenantPolicy } from '../../../core/policy.ts'
import type { PerMille, PhoneNumber } from '../../../core/words.ts'
import { attributedBefore, type Holder, type Question } from './asked.ts'
import { type Facts, policyOf, type Lending } from './facts.ts'
import { claimsOn, endOf, isRememberedAt, longestHold, sessionOf, standingAt } from './life.ts'
import { unknownBeside, weightOfCaller, weightOfHolder } from './weigh.ts'

/** Rules M2 to M13: whose call it is, as of its ring time. */

export type Verdict = Omit<Match, 'reasons'>

export function predictMatch(facts: Facts, question: Question): Match {
  const holders = holdersOf(facts, question)
  const last = holders.length === 0 ? lastHolder(facts, question) : null
  const reasons: string[] = []
  if (holders.length === 0 && last === null && !isInPolicy(facts, question)) reasons.push('unknown-number')
  if (question.ahead) reasons.push('clock-ahead')
  if (question.at < facts.now - latenessOf(facts, question.tenant)) reasons.push('beyond-lateness')
  if (question.restricted) reasons.push('caller-restricted')
  const verdict =
    byHolders(facts, question, holders, reasons) ??
    byStatic(facts, question, reasons) ??
    byLastHolder(facts, question, last, reasons) ??
    byEarlierCall(facts, question, reasons) ??
    nothing(reasons)
  return { ...verdict, reasons }
}

function latenessOf(facts: Facts, tenant: string): number {
  return policyOf(facts, tenant)?.latenessMs ?? 0
}

/** Rule M2. Of a session with several claims on the number the one lent last counts. */
function holdersOf(facts: Facts, { tenant, b, at }: Question): Holder[] {
  const oldest = facts.now - latenessOf(facts, tenant)
  const holders = claimsOn(facts, tenant, b)
    .filter(lending => lending.at <= at && endOf(facts, lending) > oldest)
    .map(lending => ({ lending, ...standingAt(facts, lending, at) }))
    .filter(holder => holder.phase !== 'over')
  return holders.filter(
    holder => holders.findLast(one => one.lending.session === holder.lending.session) === holder,
  )
}

/** Rule M10. */
function isInPolicy(facts: Facts, { tenant, b }: Question): boolean {
  const policy = policyOf(facts, tenant)
  const isPooled = policy?.pools.some(pool => pool.numbers.includes(b))
  return isPooled === true || policy?.statics.some(one => one.number === b) === true
}

function byHolders(
  facts: Facts,
  question: Question,
  holders: readonly Holder[],
  reasons: string[],
): Verdict | null {
  const [only] = holders
  const every = (says: string) =>
    (['exact', 'tail', 'cooldown', 'shared'] as const).map(rule => `${rule}:${says}`)
  if (only === undefined) reasons.push(...every('no-holder'))
  else if (!holders.some(holder => holder.isNamed)) reasons.push(...every('no-name'))
  else if (holders.length === 1) return byOnlyHolder(facts, question, only, reasons)
  else {
    reasons.push(...every(`${holders.length}-holders`))
    return shared(facts, question, holders, reasons)
  }
  return null
}

/** Rules M3 to M5. */
function byOnlyHolder(facts: Facts, question: Question, only: Holder, reasons: string[]): Verdict {
  const { phase, quietMs } = only
  const seconds = Math.floor(quietMs / 1_000)
  if (phase === 'alive') reasons.push('exact:one-holder')
  else {
    reasons.push(question.at >= longestHold(only.lending) ? 'exact:hold-over' : 'exact:session-over')
    if (phase === 'tail') reasons.push(`tail:quiet-${seconds}s`)
    else reasons.push('tail:tail-over', `cooldown:quiet-${seconds}s`)
  }
  const kind = phase === 'alive' ? 'exact' : phase === 'tail' ? 'tail' : 'cooldown'
  return weighed(facts, question, [only], kind, unknownBeside(facts, question, 1, 0), reasons)
}

function sourceOf(facts: Facts, session: string): Source | null {
  return facts.sessions.findLast(one => one.session === session)?.source ?? null
}

/** Rule M6. */
function shared(facts: Facts, question: Question, holders: readonly Holder[], reasons: string[]): Verdict {
  const named = holders.filter(holder => holder.isNamed)
  const others = unknownBeside(facts, question, holders.length, holders.length - named.length)
  return weighed(facts, question, named, 'shared', others, reasons)
}

type Suspect = {
  readonly candidate: Candidate
  readonly kind: MatchKind
  readonly weight: number
  readonly lentAt: number
  readonly source?: Source | null
}

/** Rules M14 and M8: those who have the number, and who called before. */
function weighed(
  facts: Facts,
  question: Question,
  holders: readonly Holder[],
  kind: MatchKind,
  others: number,
  reasons: string[],
): Verdict {
  const suspects = holders.map(({ lending, ...holder }): Suspect => {
    const { session, visitor } = lending
    const weight = weightOfHolder(facts, question, { lending, ...holder }, kind !== 'shared')
    return { candidate: { session, visitor, confidence: 0 as PerMille }, kind, weight, lentAt: lending.at }
  })
  const earlier = callerBefore(facts, question)
  const isListed = suspects.some(({ candidate }) => candidate.visitor === earlier?.candidate.visitor)
  return verdictOf(facts, [...suspects, ...(earlier === null || isListed ? [] : [earlier])], others, reasons)
}

/** Rule M14. */
function verdictOf(facts: Facts, suspects: readonly Suspect[], others: number, reasons: string[]): Verdict {
  const all = suspects.reduce((sum, { weight }) => sum + weight, others)
  const sorted = suspects.toSorted(
    (one, other) =>
      other.weight - one.weight ||
      other.lentAt - one.lentAt ||
      (one.candidate.session > other.candidate.session ? -1 : 1),
  )
  const best = sorted[0] as Suspect
  if (best.kind === 'returning') reasons.push('returning:known-caller')
  const candidates = sorted.slice(0, facts.bounds.candidatesMax).map(
    ({ candidate, weight }): Candidate => ({
      ...candidate,
      confidence: Math.floor((1_000 * weight) / all) as PerMille,
    }),
  )
  const source = best.source === undefined ? sourceOf(facts, best.candidate.session) : best.source
  return { kind: best.kind, ...(candidates[0] as Candidate), source, candidates }
}

/** Rule M8: the latest of the caller's calls that went to somebody. */
function callerBefore(facts: Facts, question: Question): Suspect | null {
  if (question.a === null) return null
  const before = attributedBefore(facts, question).at(-1)
  const { session = null, visitor = null, source = null } = before?.match ?? {}
  if (before === undefined || session === null || visitor === null) return null
  const candidate = { session, visitor, confidence: 0 as PerMille }
  return { candidate, kind: 'returning', weight: weightOfCaller(facts, question, before), lentAt: -1, source }
}

/** Rule M7. */
function byStatic(facts: Facts, question: Question, reasons: string[]): Verdict | null {
  const policy = policyOf(facts, question.tenant) as TenantPolicy
  const fixed = policy.statics.find(one => one.number === question.b)
  if (fixed === undefined) {
    reasons.push('static:no-source')
    return null
  }
  reasons.push('static:belongs-to-source')
  return { ...withoutSession, kind: 'static', confidence: 1_000 as PerMille, source: asStatic(fixed.source) }
}

/** Rules S5 and S6 of the sources that are drawn here (`drawSource`): no campaign of theirs has a channel of its own. */
function asStatic({ source, medium, campaign, content, keyword }: Source): Source {
  const set = (value: string | null) => (value === null ? null : 'static')
  return {
    ...{ source, medium, campaign, content, keyword },
    channel: channelOf(source, medium),
    provenance: {
      ...{ source: 'static', medium: 'static' },
      ...{ campaign: set(campaign), content: set(content), keyword: set(keyword) },
    },
  }
}

function channelOf(source: string, medium: string): string {
  if (source === '(direct)') return medium === 'email' ? 'Email' : 'Direct'
  const isSearch = source === 'google' || source === 'bing'
  if (medium === 'cpc') return isSearch ? 'Paid Search' : 'Paid Other'
  return isSearch || medium === 'organic' ? 'Organic Search' : 'Unassigned'
}

const withoutSession = { session: null, visitor: null, source: null, candidates: [] }

/** Rule M8. */
export function byEarlierCall(facts: Facts, question: Question, reasons: string[]): Verdict | null {
  if (question.a === null) {
    reasons.push('returning:withheld')
    return null
  }
  const earlier = callerBefore(facts, question)
  if (earlier === null) {
    reasons.push('returning:unknown-caller')
    return null
  }
  return verdictOf({ ...facts, bounds: { ...facts.bounds, candidatesMax: 1 } }, [earlier], 1_000, reasons)
}

/** Rule M13: the claim lent last before T, if nobody who is forgotten had the number later. */
function lastHolder(facts: Facts, { tenant, b, at }: Question): Holder | null {
  const policy = policyOf(facts, tenant)
  const isStatic = policy?.statics.some(one => one.number === b) === true
  if (isStatic || at < facts.now - latenessOf(facts, tenant)) return null
  // Rule P4: what was withdrawn is no longer looked at than what was erased.
  const isNamed = (one: Lending) => one.erasedUntil === null && sessionOf(facts, one).withdrawnAt === null
  const oldest = facts.now - latenessOf(facts, tenant)
  const remembered = claimsOn(facts, tenant, b).filter(one => isNamed(one) || endOf(facts, one) > oldest)
  const lending = remembered.findLast(one => one.at <= at)
  if (lending === undefined || lending.erasedUntil !== null) return null
  if (lending.takenOverAt !== null || lending.withdrawnAt !== null) return null
  if (sessionOf(facts, lending).withdrawnAt !== null) return null
  const endsAt = endOf(facts, lending)
  const isForgotten = facts.lendings.some(
    one =>
      one.tenant === tenant && one.number === b && !remembered.includes(one) && endOf(facts, one) > endsAt,
  )
  if (isForgotten || !isRememberedAt(facts, lending, at)) return null
  return { lending, ...standingAt(facts, lending, at) }
}

function byLastHolder(
  facts: Facts,
  question: Question,
  last: Holder | null,
  reasons: string[],
): Verdict | null {
  if (last === null) return null
  reasons.push(`cooldown:lent-to-nobody-since-${Math.floor(last.quietMs / 1_000)}s`)
  const isKnown = callerBefore(facts, question)?.candidate.visitor === last.lending.visitor
  const kind = isKnown ? 'returning' : 'cooldown'
  return weighed(facts, question, [last], kind, unknownBeside(facts, question, 1, 0), reasons)
}

/** Rule M9. */
export function nothing(reasons: string[]): Verdict {
  reasons.push('none:nothing-known')
  return { ...withoutSession, kind: 'none', confidence: 0 as PerMille }
}

/** Rule M11. */
export function predictForward(facts: Facts, tenant: string, b: PhoneNumber): PhoneNumber | null {
  const policy = policyOf(facts, tenant) as TenantPolicy
  const fixed = policy.statics.find(one => one.number === b)
  if (fixed !== undefined) return fixed.forward
  const pool = policy.pools.find(one => one.numbers.includes(b))
  const served = policy.targets.find(
    target => pool !== undefined && [target, ...(target.segments ?? [])].some(one => one.pool === pool.id),
  )
  if (served !== undefined) return served.forward
  const lent = facts.lendings.findLast(one => one.tenant === tenant && one.number === b)
  const lentFor = policy.targets.find(target => target.id === lent?.target)
  return lentFor?.forward ?? policy.defaultForward
}
