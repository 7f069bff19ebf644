import type { CallRecord } from './outcome.ts'
import type { Segments, Source, TenantPolicy } from './policy.ts'
import type { LogTime, PerMille, PhoneNumber, SessionId, VisitorId } from './words.ts'

/** What a partition remembers, as plain records: exactly what the store keeps. */

/** A stretch of continuous life: from its first to its last sign. A gap between two stays a gap for ever. */
export type Span = [from: LogTime, last: LogTime]

/** A number that a session holds for a target: its claim is neither over nor cut. */
export type Holding = {
  readonly target: string
  readonly number: PhoneNumber
  readonly shared: boolean
  /** Idle timeout + tail: quiet for this long, the session holds it no more. */
  readonly reachMs: number
  /** Until then it holds it however quiet it is; left out where the pool has no minimum hold (rule E8). */
  readonly minUntil?: number
  /** From then on it holds it no more; left out where the pool has no maximum hold (rule E9). */
  readonly maxUntil?: number
}

export type Session = {
  readonly site: string
  readonly session: SessionId
  readonly visitor: VisitorId
  readonly startedAt: LogTime
  source: Source | null
  /** Left out: it is of none (rule A9). */
  readonly segments?: Segments
  spans: Span[]
  held: Holding[]
  /** Every number on which it may have a claim. */
  numbers: PhoneNumber[]
  /** Highest event id by tab, the one that counted last at the end. */
  tabs: [tab: string, highest: number][]
  clicks: { readonly number: PhoneNumber; readonly at: LogTime }[]
  /** What brought the visitor again while it went on (rule T1). Left out where nothing did. */
  touches?: SessionTouch[]
  /** The shortest idle timeout: a gap of this length or more starts a new span (rule E2, as the next three). */
  gapMs: number
  idleMs: number
  reachMs: number
  holdMs: number
  /** It can be continued until then, however quiet it is; left out: no pool had a minimum hold (rule E8). */
  keptUntil?: number
  /** When it was over; null until that was announced. */
  endedAt: LogTime | null
  withdrawnAt: LogTime | null
}

/** What brought a visitor into a session that went on already. */
export type SessionTouch = { readonly at: LogTime; readonly source: Source }

/** What one session has on one number. Durations are those of the pool at the moment it was lent. */
export type Claim = {
  /** null, as the visitor: they were erased, and the claim is somebody's without a name until it ends (rule P2). */
  readonly session: SessionId | null
  readonly visitor: VisitorId | null
  readonly target: string
  readonly from: LogTime
  readonly idleMs: number
  readonly tailMs: number
  readonly coolDownMs: number
  /** Left out where the pool had none (rules E8 and E9). */
  readonly minHoldMs?: number
  readonly maxHoldMs?: number
  readonly shared: boolean
  /** When its tail ends for good; null while signs of life count for it. */
  over: LogTime | null
  /** Said with `over` where the pool had a minimum or maximum hold: the last sign of life that counts for it. */
  heardAt?: LogTime
  /** When it was taken over by the same visitor, or consent was withdrawn, or what it is of an erasure ends. */
  cut: LogTime | null
  /** It was cut by a withdrawal or an erasure: a cool-down without a name follows. */
  nameless: boolean
}

export type NumberRecord = {
  readonly number: PhoneNumber
  claims: Claim[]
  /** The latest end of claims that are remembered no more: because of them it does not look unused. */
  freeSince: number
  /** The target for which it was lent last. */
  target: string
  /** The pool from which; older records leave it out. */
  pool?: string
}

export type Visitor = {
  /** Its sessions that are remembered, the latest at the end. */
  sessions: SessionId[]
  /** What `sticky` gives back: for each target the number lent last, and to which session. */
  lent: { readonly target: string; readonly number: PhoneNumber; readonly session: SessionId }[]
}

/** A call as its caller is remembered by it; `to` is null where it was attributed to nobody. */
export type RememberedCall = {
  readonly carrier: string
  readonly call: string
  readonly rangAt: LogTime
  /** The number that was dialled. Older rows do not say. */
  readonly b?: PhoneNumber
  readonly to: Attribution | null
  /** The number that it was put through to, else its B. Left out by older rows. */
  readonly reached?: PhoneNumber
}

export type Attribution = {
  readonly session: SessionId
  readonly visitor: VisitorId
  readonly source: Source | null
  readonly confidence: PerMille
}

/** The calls that rang last, in the order in which they rang. */
export type Caller = { calls: RememberedCall[] }

export type Producer = {
  highest: number
  /** Counters below the highest that have not come yet, within the window, rising. */
  gaps: number[]
  /** The sequence of the message with the highest counter: its events share the counter. */
  sequence: number
  late: { counter: number; sequence: number } | null
  /** When a message of it counted last. */
  lastAt: LogTime
}

/** A subject of which nothing is used (rule P5). */
export type Restriction = {
  readonly mode: 'restricted' | 'objected'
  readonly request: string
  readonly at: LogTime
}

/** That a tenant's contract ended: all that is left of it (rule P9). */
export type Ended = { readonly request: string; readonly at: LogTime }

export type CallRow = CallRecord
export type PolicyRow = { readonly version: string; readonly policy: TenantPolicy }
