import type { TenantPolicy } from '../../../core/policy.ts'
import { weights } from '../../../core/weights.ts'
import { attributedBefore, clicksRemembered, type Holder, type Question } from './asked.ts'
import { earlierCalls, lastAnswer } from './callers.ts'
import { type Answer, type Facts, type Lending, policyOf } from './facts.ts'
import { claimsOn, endOf, longestHold, sessionOf } from './life.ts'

/** Rules M15 to M17: what speaks for whom. The tables are the core's, as data; where to look in them is worked out here again. */

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

const minutes = (...values: number[]) => values.map(value => value * minute)
const quietUnder = minutes(1, 2, 4, 7, 12, 20, 30, 45, 75, 120, 240, 600, 1_800)
const shownUnder = minutes(0.25, 2 / 3, 1.5, 4, 10, 30, 90, 240)
const clickedUnder = minutes(0.5, 2, 10)
const restedUnder = minutes(40, 60, 120, 240, 600, 1_800)
const knownUnder = minutes(60, 720, 4_320)
const sureUnder = [300, 450, 550, 650, 750, 850, 920, 960]
const crowdUnder = [3, 5, 9]
const busyUnder = [2, 3, 5, 8, 13, 20]
const rungUnder = [50, 100, 150, 220, 330, 500, 800]

/** The value for the first border that is not reached; the last one beyond all. */
function inTable(table: readonly number[], under: readonly number[], value: number): number {
  return table[under.filter(border => value >= border).length] as number
}

/** A weight, and factors in hundredths. */
function product(weight: number, ...factors: number[]): number {
  return factors.reduce(
    (so, factor) => Math.min(10 ** 9, Math.max(1, Math.floor((so * factor) / 100))),
    weight,
  )
}

/** Rule M15. */
export function weightOfHolder(facts: Facts, question: Question, holder: Holder, isAlone: boolean): number {
  const { lending } = holder
  const quietMs = quietOf(facts, question, holder)
  const weight = product(
    inTable(weights.quiet, quietUnder, quietMs),
    inTable(weights.shown, shownUnder, question.at - quietMs - lending.at),
    clickFactor(facts, question, lending.session),
    callerFactor(facts, question, lending),
  )
  return isAlone ? product(weight, restFactor(facts, question, lending)) : weight
}

/** Inside a span that counts for the claim it is not quiet at all (rules E6 and E9). */
function quietOf(facts: Facts, { at }: Question, { lending, phase, quietMs }: Holder): number {
  const next = sessionOf(facts, lending).signs.find(sign => sign.at > at)
  const goesOn = next !== undefined && !next.startsSpan && next.at < longestHold(lending)
  return phase === 'alive' && goesOn ? 0 : quietMs
}

function clickFactor(facts: Facts, { b, at }: Question, session: string): number {
  const clicks = clicksRemembered(facts, session).filter(click => click.number === b && click.at <= at)
  const [none, ...table] = weights.clicked
  const latest = clicks.at(-1)
  return latest === undefined ? none : inTable(table, clickedUnder, at - latest.at)
}

function callerFactor(facts: Facts, question: Question, lending: Holder['lending']): number {
  const [unknown, own, redialled, other, withheld, ownOfSeveral] = weights.caller
  if (question.a === null) return withheld
  const earlier = earlierCalls(facts, question).map(lastAnswer)
  const went = visitorsBefore(facts, question)
  if (went.includes(lending.visitor)) return new Set(went).size > 1 ? ownOfSeveral : own
  const oldest = facts.now - (policyOf(facts, question.tenant)?.latenessMs ?? 0)
  const lent = claimsOn(facts, question.tenant, question.b).filter(
    one => isTheirs(facts, one, lending.visitor) && endOf(facts, one) > oldest,
  )
  const lentAt = Math.min(lending.at, ...lent.map(one => one.at))
  if (earlier.some(({ b, rangAt }) => b === question.b && rangAt < lentAt)) return redialled
  return earlier.length > 0 ? other : unknown
}

function visitorsBefore(facts: Facts, question: Question): (string | null)[] {
  return attributedBefore(facts, question).map(({ match }) => match.visitor)
}

function restFactor(facts: Facts, { tenant, b, at }: Question, lending: Holder['lending']): number {
  const before = claimsOn(facts, tenant, b)
    .filter(one => one.order < lending.order)
    .findLast(one => !isTheirs(facts, one, lending.visitor))
  const longAgo = weights.rested.at(-1) as number
  if (before === undefined) return longAgo
  const endsAt = endOf(facts, before)
  if (endsAt <= facts.now - (policyOf(facts, tenant)?.latenessMs ?? 0)) return longAgo
  const { idleTimeoutMs, tailMs, coolDownMs } = lending.pool
  return inTable(weights.rested, restedUnder, at - endsAt + idleTimeoutMs + tailMs + coolDownMs)
}

/** Rule P4: what was withdrawn is known no more than what was erased. */
function isTheirs(facts: Facts, lending: Lending, whose: string): boolean {
  const { visitor, erasedUntil } = lending
  return visitor === whose && erasedUntil === null && sessionOf(facts, lending).withdrawnAt === null
}

/** Rule M16. */
export function unknownBeside(facts: Facts, question: Question, holders: number, nameless: number): number {
  const { tenant, b, at } = question
  const weight = holders === 1 ? 1_000 : inTable(weights.crowd, crowdUnder, holders)
  const since = Math.max(at - 12 * hour, facts.now - (policyOf(facts, tenant)?.retentionMs ?? 0))
  const oldest = facts.now - (policyOf(facts, tenant)?.latenessMs ?? 0)
  const lent = claimsOn(facts, tenant, b).filter(
    one => one.at <= at && one.at > since && endOf(facts, one) > oldest,
  ).length
  const rung = inTable(weights.rung, rungUnder, rungBefore(facts, question))
  return product(weight, inTable(weights.busy, busyUnder, lent), rung) + nameless * weights.nameless
}

/** How often B rang on the three days before T - lateness, in hundredths of what the numbers do on the average and half a time. */
function rungBefore(facts: Facts, { tenant, b, at }: Question): number {
  const policy = policyOf(facts, tenant) as TenantPolicy
  const day = (time: number) => Math.floor(time / (24 * hour))
  const until = day(at - policy.latenessMs)
  const rings = facts.calls
    .filter(one => one.tenant === tenant && !one.gone && one.answers.length > 0)
    .map(lastAnswer)
    .filter(({ match, rangAt }) => match.kind !== 'static' && day(rangAt) < until)
    .filter(({ rangAt }) => day(rangAt) >= until - 3 && day(rangAt) > day(facts.now - policy.retentionMs))
  const numbers = new Set(policy.pools.flatMap(pool => pool.numbers)).size
  const own = rings.filter(one => one.b === b).length
  const count = Math.max(1, numbers)
  return Math.floor((200 * count * own) / (2 * rings.length + count))
}

/** Rule M17. */
export function weightOfCaller(facts: Facts, question: Question, before: Answer): number {
  const [elsewhere, redialled] = weights.redialled
  const [one, several] = weights.mixed
  return product(
    inTable(weights.known, knownUnder, question.at - before.rangAt),
    inTable(weights.knownSure, sureUnder, before.match.confidence),
    before.b === question.b ? redialled : elsewhere,
    new Set(visitorsBefore(facts, question)).size > 1 ? several : one,
  )
}
