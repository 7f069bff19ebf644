import type { CallRecord, MatchKind } from './outcome.ts'
import type { Source, TenantPolicy } from './policy.ts'
import type { LogTime, PerMille, PhoneNumber, SessionId, VisitorId } from './words.ts'

/** What a partition remembers, as plain records: exactly what the store keeps. */

/** A stretch of continuous life: from its first to its last sign. A gap between two stays a gap for ever. */
export type Span = [from: LogTime, last: LogTime]

export type Holding = {
  readonly target: string
  readonly pool: string
  readonly number: PhoneNumber
  readonly shared: boolean
}

export type Session = {
  readonly tenant: string
  readonly site: string
  readonly session: SessionId
  readonly visitor: VisitorId
  readonly startedAt: LogTime
  source: Source | null
  spans: Span[]
  holdings: Holding[]
  /** Highest event id by tab. */
  tabs: [tab: string, highest: number][]
  clicks: { readonly number: PhoneNumber; readonly at: LogTime }[]
  /** A gap of this length or more starts a new span: the shortest idle timeout of its pools. */
  gapMs: number
  /** Quiet for this long, the session is over: the longest idle timeout of its pools. */
  idleMs: number
  /** Quiet for this long, it can no longer be continued: the longest idle timeout and tail. */
  keepMs: number
  endedAt: LogTime | null
}

/** What one session has on one number. Durations are those of the pool at the moment it was lent. */
export type Claim = {
  readonly session: SessionId
  readonly visitor: VisitorId
  readonly from: LogTime
  readonly idleMs: number
  readonly tailMs: number
  readonly coolDownMs: number
  /** Signs of life from then on no longer count for this claim: the session was lent another number. */
  lifeUntil: LogTime | null
  /** From then on it is no claim at all: taken over by the same visitor, or consent was withdrawn. */
  voidFrom: LogTime | null
  /** With `voidFrom`: from then on the number may be lent again. */
  freeFrom: LogTime | null
}

export type NumberRecord = { readonly tenant: string; readonly number: PhoneNumber; claims: Claim[] }

export type Visitor = {
  readonly tenant: string
  readonly site: string
  session: SessionId
  lastAt: LogTime
  /** The number last lent, by pool: what `sticky` gives back. */
  numbers: Record<string, PhoneNumber>
}

export type Attribution = {
  readonly call: string
  readonly rangAt: LogTime
  readonly kind: MatchKind
  readonly session: SessionId
  readonly visitor: VisitorId
  readonly source: Source | null
  readonly confidence: PerMille
}

export type Caller = {
  readonly tenant: string
  firstCall: string
  firstAt: LogTime
  lastAt: LogTime
  attributions: Attribution[]
}

export type Producer = {
  highest: number
  /** Counters below the highest that have not come yet, newest last, bounded. */
  gaps: number[]
  /** The sequence of the message with the highest counter: its events share the counter. */
  sequence: number
  late: { counter: number; sequence: number } | null
  lastAt: LogTime
}

export type CallRow = { readonly tenant: string; record: CallRecord }
export type PolicyRow = { readonly version: string; readonly policy: TenantPolicy }
