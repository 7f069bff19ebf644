import type { CallState, EndReason } from '../../../core/input.ts'
import type { CallName, CallOutcome, Match, Revision, Touch } from '../../../core/outcome.ts'
import type { PoolPolicy, Segments, Source, TenantPolicy } from '../../../core/policy.ts'
import type { PhoneNumber, Pseudonym, SessionId, VisitorId } from '../../../core/words.ts'

/**
 * What the oracle knows: everything that ever happened, as plain lists that only grow, until a contract ends. It was written from
 * `core/RULES.md` alone and shares no code with the core but the shapes that both sides speak. No index, no queue:
 * each question is answered by looking at everything again.
 */

/** The bounds that the rules name. Small ones make a short log reach them. */
export type Bounds = {
  readonly futureToleranceMs: number
  readonly spansPerSessionMax: number
  readonly tabsPerSessionMax: number
  readonly clicksPerSessionMax: number
  readonly touchesPerSessionMax: number
  readonly sessionsPerTenantMax: number
  readonly callsPerTenantMax: number
  readonly callersPerTenantMax: number
  readonly restrictedPerTenantMax: number
  readonly callsPerCallerMax: number
  readonly claimsPerNumberMax: number
  readonly candidatesMax: number
  readonly producersMax: number
  readonly producerWindow: number
  readonly forgetPerPulseMax: number
  readonly endPerPulseMax: number
}

/** What the rules say; what they leave to the running system is far off. */
export const boundsOfTheRules: Bounds = {
  futureToleranceMs: 5 * 60_000,
  spansPerSessionMax: 64,
  tabsPerSessionMax: 64,
  clicksPerSessionMax: 32,
  touchesPerSessionMax: 15,
  sessionsPerTenantMax: 1_000_000,
  callsPerTenantMax: 1_000_000,
  callersPerTenantMax: 1_000_000,
  restrictedPerTenantMax: 1_000_000,
  callsPerCallerMax: 8,
  claimsPerNumberMax: 256,
  candidatesMax: 8,
  producersMax: 4_096,
  producerWindow: 1_024,
  forgetPerPulseMax: 256,
  endPerPulseMax: 256,
}

/** A sign of life; `startsSpan` where the quiet before it was a gap by the durations of then (rule E1). */
export type Sign = { readonly at: number; readonly startsSpan: boolean }

export type SessionFact = {
  readonly tenant: string
  readonly site: string
  readonly visitor: VisitorId
  session: SessionId
  readonly openedAt: number
  readonly order: number
  source: Source | null
  readonly segments: Segments | null
  readonly signs: Sign[]
  withdrawnAt: number | null
  /** The entry that said `session-ended`. */
  announcedIn: number | null
} & Memory

/** What is past its time, as the policy is now, counts as unknown; it is gone when it was swept or made room. */
export type Memory = { past: boolean; gone: boolean }

export type Lending = {
  readonly tenant: string
  readonly site: string
  readonly target: string
  readonly pool: PoolPolicy
  readonly number: PhoneNumber
  session: SessionId
  readonly visitor: VisitorId
  readonly at: number
  readonly order: number
  readonly shared: boolean
  /** Sticky: the same visitor was lent the number again, and this ended. */
  takenOverAt: number | null
  /** Consent was withdrawn while it ran: it rests without a name. */
  withdrawnAt: number | null
  /** Its visitor was erased: until then it is somebody's without a name (rule P2). */
  erasedUntil: number | null
  /** No longer remembered (rule F4). */
  left: boolean
}

export type Counted = {
  session: SessionId
  readonly tab: string
  readonly id: number
  readonly order: number
  readonly at: number
  /** Of a page view. */
  readonly source: Source | null
}

export type Click = { session: SessionId; readonly number: PhoneNumber; readonly at: number }

export type Heard = {
  readonly tenant: string
  readonly carrier: string
  readonly call: string
  readonly state: CallState
  readonly a: Pseudonym | null
  readonly b: PhoneNumber
  readonly c: Pseudonym | null
  readonly reason: EndReason | null
  readonly statedAt: number | null
  /** The ring time T that rule M1 gives this signal, and whether its carrier's clock was ahead. */
  readonly at: number
  readonly ahead: boolean
}

/** One life of a call record: an id that comes back after it was forgotten is another call. */
export type CallFact = {
  readonly tenant: string
  readonly carrier: string
  readonly call: string
  heard: Heard[]
  answers: Answer[]
  /** Facts of which its signals say nothing any more (rules P3, P7). */
  settled: ('a' | 'c')[]
  /** As it was when a signal changed the record last (rule C7). */
  qualified: boolean
  /** As it was when a signal changed the record last (rule C6). */
  outcome: CallOutcome
  /** What changed it, and when (rule C12). */
  history: Revision[]
  /** A record of the same id that was past its time, but not swept. */
  readonly replaces: CallFact | null
} & Memory

/** What was concluded of a call, and stands until its moment, A or B becomes another one (rule C4). */
export type Answer = {
  readonly rangAt: number
  readonly a: Pseudonym | null
  readonly b: PhoneNumber
  readonly match: Match
  readonly forward: PhoneNumber | null
  readonly firstTime: boolean | null
  readonly duplicateOf: CallName | null
  readonly shownMs: number | null
  readonly touches: readonly Touch[]
  /** Its caller was restricted: nothing of them was used (rule P6). */
  readonly restricted: boolean
}

export type CallerFact = {
  readonly tenant: string
  readonly a: Pseudonym
  /** Those that rang last (rule F3). */
  calls: CallFact[]
  gone: boolean
}

/** One life of a producer, and the messages of it that counted. */
export type ProducerFact = {
  readonly producer: string
  readonly counted: { readonly counter: number; readonly sequence: number; readonly at: number }[]
} & Memory

/** `policy` null: the contract ended. */
export type PolicyFact = {
  readonly tenant: string
  readonly version: string
  readonly policy: TenantPolicy | null
}

/** A subject of whom nothing is used (rule P5). */
export type RestrictionFact = {
  readonly tenant: string
  readonly of: 'visitor' | 'caller'
  readonly id: string
  readonly mode: 'restricted' | 'objected'
}

export type Facts = {
  readonly bounds: Bounds
  now: number
  /** Which entry this is. */
  entry: number
  /** Grows with everything noted, so that facts of one millisecond have an order. */
  order: number
  readonly policies: PolicyFact[]
  sessions: SessionFact[]
  lendings: Lending[]
  counted: Counted[]
  clicks: Click[]
  calls: CallFact[]
  callers: CallerFact[]
  readonly producers: ProducerFact[]
  restrictions: RestrictionFact[]
}

export function createFacts(bounds: Bounds): Facts {
  return {
    bounds,
    now: 0,
    entry: 0,
    order: 0,
    policies: [],
    sessions: [],
    lendings: [],
    counted: [],
    clicks: [],
    calls: [],
    callers: [],
    producers: [],
    restrictions: [],
  }
}

export function policyOf(facts: Facts, tenant: string): TenantPolicy | null {
  return facts.policies.findLast(fact => fact.tenant === tenant)?.policy ?? null
}

export function knownSession(facts: Facts, session: string): SessionFact | undefined {
  return facts.sessions.find(one => one.session === session && isKnown(one))
}

export function isKnown({ past, gone }: Memory): boolean {
  return !past && !gone
}

export function lendingsOf(facts: Facts, session: string): Lending[] {
  return facts.lendings.filter(lending => lending.session === session)
}

export function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}

export function isRestricted(facts: Facts, tenant: string, of: 'visitor' | 'caller', id: string): boolean {
  return facts.restrictions.some(one => one.tenant === tenant && one.of === of && one.id === id)
}

/** By whom a call is remembered: its A, unless nothing of that caller was used (rule P6). */
export function linkedA({ a, restricted }: Answer): Pseudonym | null {
  return restricted ? null : a
}
