import type { CallRecord, MatchKind } from './outcome.ts'
import type { Source, TenantPolicy } from './policy.ts'
import type { PhoneNumber, SessionId, VisitorId } from './words.ts'

/** What the tables hold: plain data that can be packed, nothing derived. Times are log times in milliseconds. */

export type ClockRow = { now: number; sequence: number; index: number }

export type TenantRow = { version: string; policy: TenantPolicy }

/** A stretch of life: [first sign of life, last one]. */
export type Span = [from: number, last: number]

/** The longest and shortest among all numbers ever lent to a session (rule E2). */
export type Durations = {
  shortestIdleMs: number
  longestIdleMs: number
  /** Idle timeout + tail. */
  longestReachMs: number
  /** Idle timeout + tail + cool-down. */
  longestHoldMs: number
}

export type SessionRow = {
  tenant: string
  site: string
  session: SessionId
  visitor: VisitorId
  source: Source | null
  startedAt: number
  spans: Span[]
  durations: Durations | null
  /** The numbers it holds: one per target. */
  held: { target: string; number: PhoneNumber }[]
  /** Every number on which a claim of it may still run. */
  numbers: PhoneNumber[]
  tabs: { tab: string; highest: number; at: number }[]
  clicks: { number: PhoneNumber; at: number }[]
  endedAt: number | null
  withdrawnAt: number | null
}

/** What a visitor was lent last on a site, for sticky numbers. */
export type VisitorRow = {
  session: SessionId
  lent: { target: string; number: PhoneNumber; session: SessionId }[]
}

/** A number lent to a session, with the durations that were in force. */
export type Claim = {
  session: SessionId
  target: string
  from: number
  idleMs: number
  tailMs: number
  coolDownMs: number
  shared: boolean
  /** The moment its tail ended for good; null while signs of life still count for it. */
  over: number | null
  /** The moment it was taken away; null where it was not. */
  cut: number | null
  /** It was cut because consent was withdrawn: a cool-down without a holder follows. */
  vacant: boolean
}

export type NumberRow = {
  /** When the claims that were forgotten were over: a number does not look unused because of them. */
  freeSince: number
  claims: Claim[]
}

export type CallRow = CallRecord

export type Attribution = {
  kind: MatchKind
  confidence: number
  session: SessionId
  visitor: VisitorId
  source: Source | null
}

export type CallerRow = {
  calls: { carrier: string; call: string; rangAt: number; attribution: Attribution | null }[]
}

export type ProducerRow = {
  highest: number
  /** Which of the last 1,024 counters were heard, one bit each. */
  window: number[]
  /** The message whose events are being applied. */
  counter: number
  sequence: number
  seenAt: number
}
