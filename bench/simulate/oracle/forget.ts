import type { Outcome } from '../../../core/outcome.ts'
import type { Pseudonym } from '../../../core/words.ts'
import { callerRemembersUntil } from './callers.ts'
import {
  type CallFact,
  type CallerFact,
  compare,
  type Facts,
  type ProducerFact,
  policyOf,
  type SessionFact,
} from './facts.ts'
import { durationsOf, lastSign } from './life.ts'

/** Rules F1 to F7: how long what is remembered, and what goes first where there is no room. */

type What = 'session' | 'call' | 'caller' | 'producer'

const minute = 60_000
const producersKeptMs = 7 * 24 * 60 * minute

function retentionOf(facts: Facts, tenant: string): number {
  return policyOf(facts, tenant)?.retentionMs ?? 0
}

/** Rule F1. */
function sessionUntil(facts: Facts, session: SessionFact): number {
  const latenessMs = policyOf(facts, session.tenant)?.latenessMs ?? 0
  const since = session.withdrawnAt ?? lastSign(session)
  const { holdMs } = durationsOf(facts, session)
  return since + Math.max(retentionOf(facts, session.tenant), holdMs + latenessMs)
}

/** Rule F2. */
function callUntil(facts: Facts, call: CallFact): number {
  const latest = Math.max(...call.heard.map(heard => heard.at))
  return latest + retentionOf(facts, call.tenant)
}

function callerUntil(facts: Facts, caller: CallerFact): number {
  return Math.max(...caller.calls.map(call => callerRemembersUntil(facts, call)))
}

/** Rule F5. */
function producerUntil({ counted }: ProducerFact): number {
  return Math.max(...counted.map(one => one.at)) + producersKeptMs
}

type Remembered = {
  readonly what: What
  readonly tenant: string
  readonly id: string
  readonly until: number
  readonly mayGo: boolean
  forget(): void
}

const callId = (call: CallFact) => `${call.carrier} ${call.call}`

/** All of one kind that is still in the books, with the moment it is past its time. */
function remembered(facts: Facts, what: What): Remembered[] {
  const inBooks = <Fact extends { gone: boolean }>(list: readonly Fact[]) => list.filter(one => !one.gone)
  const form = (fact: { gone: boolean }, tenant: string, id: string, until: number, mayGo = true) => ({
    what,
    tenant,
    id,
    until,
    mayGo,
    forget: () => {
      fact.gone = true
    },
  })
  switch (what) {
    case 'session':
      return inBooks(facts.sessions).map(one =>
        form(one, one.tenant, one.session, sessionUntil(facts, one), isAnnouncedBefore(facts, one)),
      )
    case 'call':
      return inBooks(facts.calls).map(one => form(one, one.tenant, callId(one), callUntil(facts, one)))
    case 'caller':
      return inBooks(facts.callers).map(one => form(one, one.tenant, one.a, callerUntil(facts, one)))
    case 'producer':
      return inBooks(facts.producers).map(one => form(one, '', one.producer, producerUntil(one)))
  }
}

/** What an entry announces it does not forget yet. */
function isAnnouncedBefore(facts: Facts, session: SessionFact): boolean {
  return session.announcedIn !== null && session.announcedIn < facts.entry
}

function earliestFirst(one: Remembered, other: Remembered): number {
  return one.until - other.until || compare(one.id, other.id)
}

/** Rule E7: what a pulse forgets. */
export function forgetPast(facts: Facts): Outcome[] {
  const tenants = [...new Set(facts.policies.map(policy => policy.tenant))].sort(compare)
  const due = [
    ...tenants.flatMap(tenant =>
      (['session', 'call', 'caller'] as const).flatMap(what =>
        remembered(facts, what)
          .filter(one => one.tenant === tenant)
          .sort(earliestFirst),
      ),
    ),
    ...remembered(facts, 'producer').sort(earliestFirst),
  ].filter(one => one.until <= facts.now && one.mayGo)
  const now = due.slice(0, facts.bounds.forgetPerPulseMax)
  for (const one of now) one.forget()
  return said(now, 'retention')
}

/** Rule F7. */
function said(gone: readonly Remembered[], because: 'retention' | 'bound'): Outcome[] {
  const kinds = new Set(gone.map(one => `${one.tenant} ${one.what}`))
  return [...kinds].map(kind => {
    const same = gone.filter(one => `${one.tenant} ${one.what}` === kind)
    const { tenant, what } = same[0] as Remembered
    return { kind: 'forgotten', tenant, what, because, keys: same.map(one => one.id) }
  })
}

/** What has to go so that one more can be remembered, and goes when `forget` is called. */
export type Room = { readonly outcomes: readonly Outcome[]; forget(): void }

export const noneNeeded: Room = { outcomes: [], forget: () => {} }

/** Rule F6; null where nothing may go. */
function roomFor(facts: Facts, what: What, tenant: string, id: string, most: number): Room | null {
  const all = remembered(facts, what).filter(one => one.tenant === tenant)
  if (all.length < most || all.some(one => one.id === id)) return noneNeeded
  const first = all.filter(one => one.mayGo).sort(earliestFirst)[0]
  return first === undefined ? null : { outcomes: said([first], 'bound'), forget: () => first.forget() }
}

export function roomForSession(facts: Facts, tenant: string): Room | null {
  return roomFor(facts, 'session', tenant, '', facts.bounds.sessionsPerTenantMax)
}

export function makeRoomForCall(facts: Facts, tenant: string, id: string): readonly Outcome[] {
  return made(roomFor(facts, 'call', tenant, id, facts.bounds.callsPerTenantMax))
}

export function makeRoomForCaller(facts: Facts, tenant: string, a: Pseudonym | null): readonly Outcome[] {
  return a === null ? [] : made(roomFor(facts, 'caller', tenant, a, facts.bounds.callersPerTenantMax))
}

export function makeRoomForProducer(facts: Facts, producer: string): readonly Outcome[] {
  return made(roomFor(facts, 'producer', '', producer, facts.bounds.producersMax))
}

function made(room: Room | null): readonly Outcome[] {
  room?.forget()
  return room?.outcomes ?? []
}

/** Notes what is past its time. */
export function notePast(facts: Facts): void {
  for (const one of facts.sessions) if (!one.gone) one.past = facts.now >= sessionUntil(facts, one)
  for (const one of facts.calls) if (!one.gone) one.past = facts.now >= callUntil(facts, one)
  for (const one of facts.producers) if (!one.gone) one.past = facts.now >= producerUntil(one)
}
