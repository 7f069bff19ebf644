import type { CallState, EndReason, SubjectRestricted } from './input.ts'
import type { ProblemCode } from './problems.ts'
import type { Segments, Source, TenantPolicy } from './policy.ts'
import type { LogTime, PerMille, PhoneNumber, Pseudonym, SessionId, VisitorId } from './words.ts'

/**
 * What follows from an entry, as a closed list of plain facts. The state is changed from it (`evolve.ts`), replies,
 * results and counts are read off it, so that the four cannot disagree.
 */
export type Outcome =
  | { readonly kind: 'repeated'; readonly what: 'message' | 'event' }
  | {
      readonly kind: 'configured'
      readonly tenant: string
      readonly version: string
      readonly policy: TenantPolicy
    }
  | SessionOpened
  | { readonly kind: 'session-joined'; readonly tenant: string; readonly session: SessionId }
  | { readonly kind: 'session-seen'; readonly tenant: string; readonly session: SessionId }
  /** Beats for a session that is over and past its tail, or unknown: its gateway says hello again for it. */
  | { readonly kind: 'session-gone'; readonly tenant: string; readonly session: SessionId }
  | SessionEnded
  /** Consent is gone: the visitor is forgotten on that site, and its claims are cut there (rule V6). */
  | {
      readonly kind: 'visitor-withdrew'
      readonly tenant: string
      readonly site: string
      readonly visitor: VisitorId
    }
  | NumberLent
  | {
      readonly kind: 'number-kept'
      readonly tenant: string
      readonly session: SessionId
      readonly target: string
      readonly number: PhoneNumber
      readonly shared: boolean
    }
  /** The pool was empty, or the target has none: the visitor sees its static number, or the page's own. */
  | {
      readonly kind: 'fallback-shown'
      readonly tenant: string
      readonly session: SessionId
      readonly target: string
      readonly pool: string | null
      readonly number: PhoneNumber | null
    }
  | {
      readonly kind: 'page-viewed'
      readonly tenant: string
      readonly session: SessionId
      readonly tab: string
      readonly id: number
      readonly source: Source
    }
  | {
      readonly kind: 'engaged'
      readonly tenant: string
      readonly session: SessionId
      readonly tab: string
      readonly id: number
      readonly action: 'click' | 'close' | 'submit'
      readonly number: PhoneNumber | null
    }
  | CallChanged
  | SubjectErased
  /** From now on, or no more: only stored, and nothing more is taken in. */
  | SubjectRestricted
  /** The call's A was settled, whatever its signals say of it. */
  | {
      readonly kind: 'call-rectified'
      readonly tenant: string
      readonly request: string
      readonly carrier: string
      readonly call: string
      readonly a: Pseudonym | null
    }
  | { readonly kind: 'noted'; readonly tenant: string }
  | { readonly kind: 'tenant-ended'; readonly tenant: string; readonly request: string }
  | {
      readonly kind: 'call-repeated'
      readonly tenant: string
      readonly carrier: string
      readonly call: string
      readonly match: Match
      readonly forward: PhoneNumber | null
    }
  | {
      readonly kind: 'refused'
      readonly tenant: string
      readonly problem: ProblemCode
      readonly call: string | null
    }
  /** Retention, or a bound, took these out of the state. */
  | Forgotten

export type Forgotten = {
  readonly kind: 'forgotten'
  /** Empty for producers, which are no tenant's. */
  readonly tenant: string
  readonly what: 'session' | 'call' | 'caller' | 'producer'
  readonly because: 'retention' | 'bound'
  readonly keys: readonly string[]
}

/** These people are forgotten, and so is everything that named them. */
export type SubjectErased = {
  readonly kind: 'subject-erased'
  readonly tenant: string
  readonly request: string
  readonly visitors: readonly VisitorId[]
  readonly callers: readonly Pseudonym[]
  /** Every session that was theirs and was remembered. */
  readonly sessions: readonly SessionId[]
  /** How many records of calls lost a name. */
  readonly calls: number
}

export type SessionOpened = {
  readonly kind: 'session-opened'
  readonly tenant: string
  readonly site: string
  readonly session: SessionId
  readonly visitor: VisitorId
  readonly source: Source | null
  /** Left out: it is of none. */
  readonly segments?: Segments
}

export type SessionEnded = {
  readonly kind: 'session-ended'
  readonly tenant: string
  readonly session: SessionId
  readonly visitor: VisitorId
  readonly startedAt: LogTime
  /** The moment it was over, which is before the moment this was noticed. */
  readonly endedAt: LogTime
  readonly because: 'idle' | 'consent-withdrawn' | 'erased' | 'restricted'
}

export type NumberLent = {
  readonly kind: 'number-lent'
  readonly tenant: string
  readonly session: SessionId
  readonly target: string
  readonly pool: string
  readonly number: PhoneNumber
  /** Somebody else's claim on it was still running. */
  readonly shared: boolean
  readonly sticky: boolean
}

/** A call record came to be or changed. The whole record, so that a reader needs no earlier one. */
export type CallChanged = {
  readonly kind: 'call-changed'
  readonly tenant: string
  readonly record: CallRecord
  /** Which signal of it caused it; null: none did, its A was rectified, or what is known of an earlier call changed. */
  readonly state: CallState | null
  /** True where an answer that was given before is now a different one. */
  readonly corrects: boolean
}

export type MatchKind =
  | 'exact'
  | 'tail'
  | 'cooldown'
  | 'shared'
  | 'static'
  | 'returning'
  | 'none'
  | 'deferred'

export type Candidate = {
  readonly session: SessionId
  readonly visitor: VisitorId
  readonly confidence: PerMille
}

export type Match = {
  readonly kind: MatchKind
  readonly confidence: PerMille
  readonly session: SessionId | null
  readonly visitor: VisitorId | null
  readonly source: Source | null
  readonly candidates: readonly Candidate[]
  /** Every rule that was considered, in order, by its slug: `exact:no-holder`, `tail:quiet-30s` … */
  readonly reasons: readonly string[]
}

export type CallOutcome =
  | 'ringing'
  | 'in-progress'
  | 'answered'
  | 'missed'
  | 'busy'
  | 'failed'
  | 'abandoned'
  /** Over before anybody had a fair chance to answer: neither missed nor abandoned (rule C6). */
  | 'short'

export type CallRecord = {
  readonly carrier: string
  readonly call: string
  readonly a: Pseudonym | null
  readonly b: PhoneNumber
  readonly c: Pseudonym | null
  /** The moment the phone rang, bounded by log time (rules M1, C4). */
  readonly rangAt: LogTime
  readonly answeredAt: LogTime | null
  readonly endedAt: LogTime | null
  readonly ringMs: number | null
  readonly talkMs: number | null
  /** From the ring to the end. */
  readonly totalMs: number | null
  readonly outcome: CallOutcome
  readonly reason: EndReason | null
  readonly qualified: boolean
  /** null for a withheld caller: it never links anything. */
  readonly firstTime: boolean | null
  /** The call of the same caller, to the same place, shortly before (rule C9). */
  readonly duplicateOf: CallName | null
  /** From the moment the number was lent to the session until the ring (rule C10). */
  readonly shownMs: number | null
  /** The path of the visitor up to the ring, the latest last (rule T3). */
  readonly touches: readonly Touch[]
  readonly match: Match
  readonly forward: PhoneNumber | null
  /** Which states have been heard, with the facts that were given, so that a repeat can be told from a conflict. */
  readonly heard: readonly HeardSignal[]
  /** Facts that were rectified or erased: what signals say of them is not looked at any more (rules P3, P7). */
  readonly settled?: readonly SettledFact[]
  /** How the record came to be as it is, the latest change last (rule C12). */
  readonly history: readonly Revision[]
}

export type CallName = Pick<CallRecord, 'carrier' | 'call'>

/** What brought a visitor: a visit that began, or a page view in it that came from elsewhere (rule T1). */
export type Touch = { readonly at: LogTime; readonly session: SessionId; readonly source: Source }

/** A change of a record, which replaces the revision before it. */
export type Revision = {
  readonly revision: number
  readonly at: LogTime
  readonly because: RevisedBecause
  /** What the match is from here on; null: what it was. Whom it names is not kept. */
  readonly match: Pick<Match, 'kind' | 'confidence' | 'source'> | null
}

export type RevisedBecause = CallState | 'late-ring' | 'rectified' | 'earlier-call' | 'erased'

export type SettledFact = 'a' | 'c'

export type HeardSignal = {
  readonly state: CallState
  readonly at: LogTime
  /** The carrier's own words; null where it gave no time. */
  readonly statedAt: number | null
  /** The carrier's clock was ahead of ours, within the tolerance: our own time was used. */
  readonly ahead: boolean
  readonly a: Pseudonym | null
  readonly b: PhoneNumber
  readonly c: Pseudonym | null
  readonly reason: EndReason | null
}
