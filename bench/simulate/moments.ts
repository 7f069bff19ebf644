import type { LogTime, PhoneNumber } from '../../core/words.ts'
import type { Chance } from '../load/chance.ts'
import { rangAt } from './oracle/callers.ts'
import {
  type CallFact,
  type Facts,
  isKnown,
  knownSession,
  type Lending,
  type ProducerFact,
  policyOf,
  type SessionFact,
} from './oracle/facts.ts'
import { continuableUntil, durationsOf, endOf, lastSign } from './oracle/life.ts'

/** Times worth trying: where something begins or ends, a millisecond before and after, and anything between. */

const minute = 60_000

/** Whom a moment is about: what is said then is mostly about them. */
export type Focus = {
  readonly tenant: string | null
  readonly session: SessionFact | null
  readonly number: PhoneNumber | null
  readonly call: CallFact | null
  readonly producer: string | null
}

export const nobody: Focus = { tenant: null, session: null, number: null, call: null, producer: null }

export type Moment = { readonly at: number; readonly focus: Focus | null }

/** When the next message comes; `focus` is whom the last one was about. */
export function nextMoment(chance: Chance, facts: Facts, focus: Focus | null): Moment {
  const { now } = facts
  if (chance.happens(0.35)) return { at: now, focus }
  if (chance.happens(0.03)) return { at: now - 1 - chance.whole(20_000), focus: null }
  if (chance.happens(0.35)) return { at: now + 1 + chance.whole(20_000), focus }
  const ahead = borders(facts)
    .filter(border => border.at > now)
    .sort((one, other) => one.at - other.at)
  const near = ahead.slice(0, chance.happens(0.7) ? 3 : 20)
  const far = chance.happens(0.05) ? ahead : near.filter(border => border.at < now + 60 * minute)
  if (far.length === 0) return { at: now + chance.whole(10 * minute), focus: null }
  const border = chance.pick(far)
  return { at: Math.max(now, border.at + chance.pick([-1, 0, 0, 1])), focus: border.focus }
}

/** Where the answers about a number change: for signals that state a time. */
export function bordersOn(facts: Facts, tenant: string, number: string): number[] {
  const claims = facts.lendings.filter(one => one.tenant === tenant && one.number === number)
  return claims.slice(-4).flatMap(claim => bordersOf(facts, claim))
}

function bordersOf(facts: Facts, claim: Lending): number[] {
  const { idleTimeoutMs, tailMs, coolDownMs, minHoldMs, maxHoldMs } = claim.pool
  const end = endOf(facts, claim)
  const tailEnd = end - coolDownMs
  const last = tailEnd - tailMs - idleTimeoutMs
  const steps = [2, 5, 10, 15, 20, 30, 45, 60].map(minutes => last + minutes * minute)
  const held = [minHoldMs, maxHoldMs].flatMap(ms => (ms === undefined ? [] : [claim.at + ms]))
  return [claim.at, last, last + idleTimeoutMs, tailEnd, end, ...held, ...steps.filter(step => step < end)]
}

function borders(facts: Facts): Moment[] {
  const sessions = facts.sessions.filter(isKnown).slice(-12)
  const lendings = facts.lendings
    .filter(one => one.erasedUntil !== null || knownSession(facts, one.session) !== undefined)
    .slice(-12)
  return [
    ...sessions.flatMap(session => sessionBorders(facts, session)),
    ...lendings.flatMap(lending => claimBorders(facts, lending)),
    ...facts.calls.slice(-6).flatMap(call => callBorders(facts, call)),
    ...facts.producers.filter(isKnown).map(producerBorder),
  ]
}

function sessionBorders(facts: Facts, session: SessionFact): Moment[] {
  const { tenant } = session
  const policy = policyOf(facts, tenant)
  const last = lastSign(session)
  const { idleMs, holdMs, shortestIdleMs } = durationsOf(facts, session)
  const until = last + Math.max(policy?.retentionMs ?? 0, holdMs + (policy?.latenessMs ?? 0))
  const sticky = policy?.pools.map(pool => last + pool.stickyMs) ?? []
  const moments = [last + idleMs, last + shortestIdleMs, continuableUntil(facts, session), until, ...sticky]
  return moments.map(at => ({ at, focus: { ...nobody, tenant, session } }))
}

function claimBorders(facts: Facts, lending: Lending): Moment[] {
  const { tenant, number, pool } = lending
  const end = endOf(facts, lending)
  const session = knownSession(facts, lending.session) ?? null
  const focus = { ...nobody, tenant, session, number }
  const lookedAtUntil = end + (policyOf(facts, tenant)?.latenessMs ?? 0)
  const held = [pool.minHoldMs, pool.maxHoldMs].flatMap(ms => (ms === undefined ? [] : [lending.at + ms]))
  return [end - pool.coolDownMs, end, lookedAtUntil, ...held].map(at => ({ at, focus }))
}

function callBorders(facts: Facts, call: CallFact): Moment[] {
  const { tenant } = call
  const policy = policyOf(facts, tenant)
  const latest = Math.max(...call.heard.map(heard => heard.at))
  const moments = [latest + (policy?.retentionMs ?? 0), latest + (policy?.calls.returningLookBackMs ?? 0)]
  return moments.map(at => ({ at, focus: { ...nobody, tenant, call } }))
}

function producerBorder({ producer, counted }: ProducerFact): Moment {
  const at = Math.max(...counted.map(one => one.at)) + 7 * 24 * 60 * minute
  return { at, focus: { ...nobody, producer } }
}

/** When look-back after another call ends, or when that one rang: where one call says something of the next. */
function afterAnotherCall(chance: Chance, facts: Facts, tenant: string): number {
  const lookBackMs = policyOf(facts, tenant)?.calls.returningLookBackMs ?? 0
  const rang = facts.calls.filter(call => call.tenant === tenant && call.answers.length > 0).map(rangAt)
  const moments = rang.flatMap(at => [at, at + lookBackMs]).filter(at => at <= facts.now)
  return moments.length === 0 ? facts.now : chance.pick(moments.slice(-8))
}

/** The time a carrier states: mostly a little back, often on a border, now and then far off or ahead; null: none. */
export function statedTime(chance: Chance, facts: Facts, tenant: string, number: string): LogTime | null {
  const { now, bounds } = facts
  const policy = policyOf(facts, tenant)
  const shift = chance.pick([-1, 0, 0, 1])
  const back = bordersOn(facts, tenant, number).filter(border => border <= now)
  const [least, most] = [policy?.latenessMs ?? 0, policy?.retentionMs ?? 0]
  const stated = chance.pick([
    () => null,
    () => now - chance.whole(3_000),
    () => now - chance.whole(3_000),
    () => (back.length === 0 ? now : chance.pick(back) + shift),
    () => (back.length === 0 ? now : chance.pick(back) + shift),
    () => (back.length === 0 ? null : chance.pick(back) + chance.whole(30 * minute)),
    () => (chance.happens(0.5) ? now + 1 + chance.whole(minute) : now + bounds.futureToleranceMs + shift),
    () => now - (chance.happens(0.5) ? least : most) + shift,
    () => afterAnotherCall(chance, facts, tenant) + shift,
  ])()
  return stated as LogTime | null
}
