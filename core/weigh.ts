import { type Asking, isEarlier, type Link, linkOf } from './caller.ts'
import { isTheirs, type Named } from './holders.ts'
import { endOf, sessionOf } from './life.ts'
import type { CallRecord } from './outcome.ts'
import type { Claim, RememberedCall, Session } from './records.ts'
import { dayOf, isCounted } from './rings.ts'
import { weights } from './weights.ts'
import type { PerMille, PhoneNumber, Pseudonym } from './words.ts'

/**
 * How much speaks for somebody, beside `unknown` that it was none of those who are known (rules M3 to M8). What is seen is
 * sorted into a few places, and each place has its weight in a table: weights are multiplied.
 */

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** The borders between places: under the first one is place 0. */
export const borders = {
  /** Time since the last sign of life. */
  quiet: [
    ...[minute, 2 * minute, 4 * minute, 7 * minute, 12 * minute, 20 * minute, 30 * minute, 45 * minute],
    ...[75 * minute, 2 * hour, 4 * hour, 10 * hour, 30 * hour],
  ],
  /** How long it was shown: from when it was lent to the last sign of life. */
  shown: [
    ...[15 * second, 40 * second, 90 * second, 4 * minute, 10 * minute, 30 * minute],
    ...[90 * minute, 4 * hour],
  ],
  /** Time since the last click on it: place 0 is for none. */
  clicked: [30 * second, 2 * minute, 10 * minute],
  /** Time since somebody else had the number. */
  rested: [40 * minute, hour, 2 * hour, 4 * hour, 10 * hour, 30 * hour],
  /** How many have the number: from 2. */
  crowd: [3, 5, 9],
  /** How often the number was lent in the half day before. */
  busy: [2, 3, 5, 8, 13, 20],
  /** How often it rang, in hundredths of how often numbers do on the average, and half a time. */
  rung: [50, 100, 150, 220, 330, 500, 800],
  /** Time since an earlier call of the same caller. */
  known: [hour, 12 * hour, 72 * hour],
  /** How sure it was whose that was. */
  knownSure: [300, 450, 550, 650, 750, 850, 920, 960],
} as const

/** The weight of nobody who is known, where one has the number. */
export const unknown = 1_000
const most = 1_000_000_000

export function placeOf(under: readonly number[], value: number): number {
  let place = 0
  while (place < under.length && value >= (under[place] as number)) place += 1
  return place
}

/** One weight and another: hundredths of a factor. */
export function times(weight: number, factor: number): number {
  return Math.min(most, Math.max(1, Math.trunc((weight * factor) / 100)))
}

const halfDay = 12 * hour
/** More often than this is not counted. */
const busiest = borders.busy.at(-1) as number

/** How often the number was lent in the half day before T, within retention and as far as is looked at (rule M2). */
function lentBefore({ index, at }: Ringing, claims: readonly Claim[], now: number): number {
  const { retentionMs, latenessMs } = index.policy
  const since = Math.max(at - halfDay, now - retentionMs)
  const oldest = now - latenessMs
  let count = 0
  for (let place = claims.length - 1; place >= 0 && count < busiest; place--) {
    const claim = claims[place] as Claim
    const { from } = claim
    if (from <= since) break
    if (from <= at && (from > oldest || endOf(claim, sessionOf(index, claim)) > oldest)) count += 1
  }
  return count
}

export function busyPlace(ringing: Ringing, claims: readonly Claim[], now: number): number {
  return placeOf(borders.busy, lentBefore(ringing, claims, now))
}

const ringDays = 3

/**
 * How much more often than the tenant's numbers on the average B rang, on the three days before the one on which a lateness
 * before T lies. Of what rang later not all has been told yet, and what is told late would have to change what was said.
 */
export function rungPlace(ringing: Ringing, now: number): number {
  const { index, b, at } = ringing
  const { latenessMs, retentionMs } = index.policy
  const until = dayOf(at - latenessMs)
  const from = Math.max(until - ringDays, dayOf(now - retentionMs) + 1)
  let [own, all] = [0, 0]
  for (let day = from; day < until; day++) {
    const rings = index.names.rings.on(day)
    own += rings?.byNumber.get(b) ?? 0
    all += rings?.all ?? 0
  }
  for (const { call, by } of ringing.otherwise ?? []) {
    if (!isCounted(call) || dayOf(call.rangAt) < from || dayOf(call.rangAt) >= until) continue
    all += by
    if (call.b === b) own += by
  }
  const numbers = Math.max(1, index.poolOfNumber.size)
  return placeOf(borders.rung, Math.trunc((200 * numbers * own) / (2 * all + numbers)))
}

/** The weight of nobody who is known, where so many have the number, or had it last. */
export function unknownWeight(
  ringing: Ringing,
  holders: number,
  claims: readonly Claim[],
  now: number,
): number {
  const weight = holders === 1 ? unknown : (weights.crowd[placeOf(borders.crowd, holders)] as number)
  const lent = times(weight, weights.busy[busyPlace(ringing, claims, now)] as number)
  return times(lent, weights.rung[rungPlace(ringing, now)] as number)
}

/** What is asked: which caller rang which number when. */
export type Ringing = Asking & {
  readonly a: Pseudonym | null
  readonly b: PhoneNumber
  /** Calls that are there from now on (1), or not any more (-1). */
  readonly otherwise?: readonly { readonly call: CallRecord; readonly by: 1 | -1 }[] | undefined
}

/** The weight of somebody who has, or had, the number. */
export function holderWeight(
  holder: Named,
  ringing: Ringing,
  calls: readonly RememberedCall[],
  now: number,
): number {
  const { claim, session, quietMs } = holder
  let weight: number = weights.quiet[placeOf(borders.quiet, quietMs)] as number
  weight = times(weight, weights.shown[placeOf(borders.shown, ringing.at - quietMs - claim.from)] as number)
  weight = times(weight, weights.clicked[clickPlace(session, ringing)] as number)
  return times(weight, weights.caller[callerPlace(calls, ringing, holder, now)] as number)
}

/** The latest click on the number before it rang. */
export function clickPlace({ clicks }: Session, { b, at }: Pick<Ringing, 'b' | 'at'>): number {
  for (let place = clicks.length - 1; place >= 0; place--) {
    const click = clicks[place] as Session['clicks'][number]
    if (click.number === b && click.at <= at) return 1 + placeOf(borders.clicked, at - click.at)
  }
  return 0
}

/**
 * What earlier calls say of somebody: 0 there are none; 1 one went to them; 5 as 1, and one to somebody else; else 2 one was
 * to this number before it was lent to them first; else 3 there are others; 4 the caller is withheld.
 */
export function callerPlace(
  calls: readonly RememberedCall[],
  ringing: Ringing,
  { claim, session, claims }: Pick<Named, 'claim' | 'session' | 'claims'>,
  now: number,
): number {
  if (ringing.a === null) return 4
  if (calls.length === 0) return 0
  const { visitor } = session
  const lentAt = firstLentAt(ringing, claim, claims, now)
  let place = 0
  let [own, other] = [false, false]
  for (const call of calls) {
    if (!isEarlier(ringing, call, now)) continue
    const link = linkOf(ringing, call, now)
    if (link?.visitor === visitor) own = true
    else if (link !== null) other = true
    if (call.b === ringing.b && call.rangAt < lentAt) place = 2
    else if (place === 0) place = 3
  }
  if (own) return other ? 5 : 1
  return place
}

/** When the number was lent to this visitor first, as far as is looked at. */
function firstLentAt(
  { index }: Ringing,
  { visitor, from }: Claim,
  claims: readonly Claim[],
  now: number,
): number {
  const first = claims.find(one => {
    const session = sessionOf(index, one)
    return isTheirs(one, session, visitor) && endOf(one, session) > now - index.policy.latenessMs
  })
  return Math.min(from, first?.from ?? from)
}

/** Whether calls of one caller went to several: 1, it is a telephone of many. */
export function mixedPlace(calls: readonly RememberedCall[], ringing: Ringing, now: number): number {
  let first: string | null = null
  for (const call of calls) {
    const visitor: string | null = linkOf(ringing, call, now)?.visitor ?? first
    if (first !== null && visitor !== first) return 1
    first = visitor
  }
  return 0
}

/** The weight of somebody to whom an earlier call of the same caller went. */
export function knownWeight(
  link: Link,
  ringing: Ringing,
  calls: readonly RememberedCall[],
  now: number,
): number {
  let weight: number = weights.known[placeOf(borders.known, ringing.at - link.rangAt)] as number
  weight = times(weight, weights.knownSure[placeOf(borders.knownSure, link.to.confidence)] as number)
  weight = times(weight, weights.redialled[link.b === ringing.b ? 1 : 0] as number)
  return times(weight, weights.mixed[mixedPlace(calls, ringing, now)] as number)
}

/** How sure it is, of 1,000. */
export function shareOf(weight: number, all: number): PerMille {
  return Math.trunc((1_000 * weight) / all) as PerMille
}
