import type { Candidate, Match, MatchKind } from '../../../core/outcome.ts'
import type { Source, TenantPolicy } from '../../../core/policy.ts'
import type { PerMille, PhoneNumber, Pseudonym } from '../../../core/words.ts'
import { earlierCalls, lastAnswer } from './callers.ts'
import { type Answer, type CallFact, type Facts, knownSession, type Lending, policyOf } from './facts.ts'
import { claimsOn, endOf, longestHold, type Standing, standingAt } from './life.ts'

/** Rules M2 to M12: whose call it is, as of its ring time. */

export type Question = {
  readonly tenant: string
  readonly call: CallFact
  readonly a: Pseudonym | null
  readonly b: PhoneNumber
  /** The ring time T. */
  readonly at: number
  /** The carrier's clock was ahead. */
  readonly ahead: boolean
  /** Nothing of the caller is used; `a` is null (rule P6). */
  readonly restricted: boolean
}

type Holder = Standing & { readonly lending: Lending }
export type Verdict = Omit<Match, 'reasons'>

const minute = 60_000

export function predictMatch(facts: Facts, question: Question): Match {
  const holders = holdersOf(facts, question)
  const reasons: string[] = []
  if (holders.length === 0 && !isInPolicy(facts, question)) reasons.push('unknown-number')
  if (question.ahead) reasons.push('clock-ahead')
  if (question.at < facts.now - latenessOf(facts, question.tenant)) reasons.push('beyond-lateness')
  if (question.restricted) reasons.push('caller-restricted')
  const verdict =
    byHolders(facts, question, holders, reasons) ??
    byStatic(facts, question, reasons) ??
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
  else if (holders.length === 1) return byOnlyHolder(facts, only, question.at, reasons)
  else {
    reasons.push(...every(`${holders.length}-holders`))
    return shared(facts, question, holders)
  }
  return null
}

/** Rules M3 to M5. */
function byOnlyHolder(facts: Facts, only: Holder, at: number, reasons: string[]): Verdict {
  const { phase, quietMs, lending } = only
  const seconds = Math.floor(quietMs / 1_000)
  if (phase === 'alive') {
    reasons.push('exact:one-holder')
    return named(facts, 'exact', only, 970)
  }
  reasons.push(at >= longestHold(lending) ? 'exact:hold-over' : 'exact:session-over')
  if (phase === 'tail') {
    reasons.push(`tail:quiet-${seconds}s`)
    return named(facts, 'tail', only, stepped(tailSteps, quietMs))
  }
  reasons.push('tail:tail-over', `cooldown:quiet-${seconds}s`)
  return named(facts, 'cooldown', only, stepped(coolDownSteps, quietMs))
}

type Step = readonly [underMs: number, value: number]
const beyond = Number.POSITIVE_INFINITY

const tailSteps: readonly Step[] = [
  [2 * minute, 900],
  [5 * minute, 880],
  [10 * minute, 840],
  [15 * minute, 780],
  [20 * minute, 720],
  [30 * minute, 650],
  [beyond, 600],
]
const coolDownSteps: readonly Step[] = [
  [10 * minute, 500],
  [20 * minute, 450],
  [30 * minute, 400],
  [45 * minute, 350],
  [60 * minute, 300],
  [beyond, 250],
]
const tailWeights: readonly Step[] = [
  [5 * minute, 30],
  [10 * minute, 20],
  [20 * minute, 12],
  [beyond, 8],
]

function stepped(steps: readonly Step[], quietMs: number): number {
  return steps.find(([underMs]) => quietMs < underMs)?.[1] ?? 0
}

function named(facts: Facts, kind: MatchKind, { lending }: Holder, confidence: number): Verdict {
  const { session, visitor } = lending
  const candidate = { session, visitor, confidence: confidence as PerMille }
  return { kind, ...candidate, source: sourceOf(facts, session), candidates: [candidate] }
}

function sourceOf(facts: Facts, session: string): Source | null {
  return facts.sessions.findLast(one => one.session === session)?.source ?? null
}

/** Rule M6. */
function shared(facts: Facts, question: Question, holders: readonly Holder[]): Verdict {
  const weighed = holders.map(holder => ({ holder, weight: weightOf(facts, question, holder) }))
  const all = weighed.reduce((sum, { weight }) => sum + weight, 0)
  const candidates = weighed
    .filter(({ holder }) => holder.isNamed)
    .sort((one, other) => other.weight - one.weight || laterFirst(one.holder, other.holder))
    .slice(0, facts.bounds.candidatesMax)
    .map(({ holder, weight }): Candidate => {
      const { session, visitor } = holder.lending
      return { session, visitor, confidence: Math.floor((920 * weight) / all) as PerMille }
    })
  const best = candidates[0] as Candidate
  return { kind: 'shared', ...best, source: sourceOf(facts, best.session), candidates }
}

function laterFirst({ lending: one }: Holder, { lending: other }: Holder): number {
  return other.at - one.at || (one.session > other.session ? -1 : 1)
}

function weightOf(facts: Facts, question: Question, { lending, phase, quietMs, isNamed }: Holder): number {
  if (!isNamed) return 4
  const byPhase = phase === 'alive' ? 100 : phase === 'tail' ? stepped(tailWeights, quietMs) : 4
  const { at } = question
  const clicked = clicksRemembered(facts, lending.session).some(
    click => click.number === question.b && click.at <= at && click.at > at - 2 * minute,
  )
  const calledBefore = attributedBefore(facts, question).some(
    ({ match }) => match.visitor === lending.visitor,
  )
  return byPhase + (clicked ? 900 : 0) + (calledBefore ? 400 : 0)
}

/** Rule F3. */
function clicksRemembered(facts: Facts, session: string) {
  return facts.clicks.filter(click => click.session === session).slice(-facts.bounds.clicksPerSessionMax)
}

export const personal: readonly MatchKind[] = ['exact', 'tail', 'cooldown', 'shared']

/** Rule M8: the calls of this caller that rang before and went to somebody who is still remembered. */
export function attributedBefore(facts: Facts, question: Question): Answer[] {
  return earlierCalls(facts, question)
    .map(lastAnswer)
    .filter(({ match }) => {
      const session = match.session === null ? undefined : knownSession(facts, match.session)
      return personal.includes(match.kind) && session !== undefined && session.withdrawnAt === null
    })
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
  const earlier = attributedBefore(facts, question).at(-1)
  if (earlier === undefined) {
    reasons.push('returning:unknown-caller')
    return null
  }
  reasons.push('returning:known-caller')
  const { session, visitor, source } = earlier.match
  const confidence = Math.floor(earlier.match.confidence / 2) as PerMille
  const candidates = session === null || visitor === null ? [] : [{ session, visitor, confidence }]
  return { kind: 'returning', confidence, session, visitor, source, candidates }
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
