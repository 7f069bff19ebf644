import type { Segments, Source, TenantPolicy } from './policy.ts'
import type { LogTime, PhoneNumber, Pseudonym, SessionId, VisitorId } from './words.ts'

/**
 * Everything that can happen to a partition, as a closed list. An input is the clear part of one event of the
 * log; `at` is the log's own time for it, already clamped. Ids that need chance were made at the edge.
 */
export type Input =
  | Hello
  | Page
  | Engagement
  | Beats
  | ConsentWithdrawn
  | Signal
  | Configured
  | Pulse
  | SubjectErased
  | SubjectRestricted
  | CallRectified
  | Noted
  | TenantEnded

type Visit = {
  readonly tenant: string
  readonly site: string
  readonly visitor: VisitorId
  /** Used only if a session has to be opened. */
  readonly freshSession: SessionId
  /** Made by the page per load: event ids grow per tab. */
  readonly tab: string
  /** Ids of targets the page shows; null: all of the site's. */
  readonly targets: readonly string[] | null
  /** Which segments a session is of that this opens (rule A9). Left out: of none. */
  readonly segments?: Segments
}

/** A page opened or came back. `page` is its page view, or null when it carries none. */
export type Hello = Visit & {
  readonly kind: 'hello'
  readonly page: PageView | null
}

/** A further page view in the same tab. */
export type Page = Visit & { readonly kind: 'page'; readonly session: SessionId; readonly page: PageView }

export type PageView = { readonly id: number; readonly source: Source }

export type Engagement = Visit & {
  readonly kind: 'engagement'
  readonly session: SessionId
  readonly id: number
  readonly action: 'click' | 'close' | 'submit'
  /** The tracking number that was clicked, where one was. */
  readonly number: PhoneNumber | null
  /** Keyed pseudonyms of the phone numbers and e-mail addresses that were entered: to find a person by. Not read here. */
  readonly contacts?: readonly Pseudonym[]
}

/** Signs of life, batched by the gateway. */
export type Beats = {
  readonly kind: 'beats'
  readonly tenant: string
  readonly sessions: readonly SessionId[]
}

/** A hello with consent `denied`: ends the visitor's session on that site, and its personal part. */
export type ConsentWithdrawn = {
  readonly kind: 'consent-withdrawn'
  readonly tenant: string
  readonly site: string
  readonly visitor: VisitorId
}

export type CallState = 'ring' | 'answer' | 'end'

/** A carrier's signal. Phone numbers of people are pseudonyms here; the clear ones are sealed. */
export type Signal = {
  readonly kind: 'signal'
  readonly tenant: string
  readonly carrier: string
  readonly call: string
  readonly state: CallState
  /** null: withheld, or not a number. */
  readonly a: Pseudonym | null
  readonly b: PhoneNumber
  readonly c: Pseudonym | null
  /** The carrier's own time of what happened, in ms; null where it gave none. */
  readonly statedAt: number | null
  /** When the gateway took the signal; used instead of log time for a signal that was spooled (`spooled`). */
  readonly takenAt: number
  readonly spooled: boolean
  /** Why the call ended, in the carrier's words mapped to ours. */
  readonly reason: EndReason | null
}

export type EndReason = 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled'

/** The tenant's policy is now this one. `version` is a hash of it. */
export type Configured = {
  readonly kind: 'configured'
  readonly tenant: string
  readonly version: string
  readonly policy: TenantPolicy
}

/** Whom a request is about. `request` is its random id, by which everything that it led to is found again. */
type Subjects = {
  readonly tenant: string
  readonly request: string
  readonly visitors: readonly VisitorId[]
  readonly callers: readonly Pseudonym[]
}

/** These people are forgotten, everywhere. */
export type SubjectErased = Subjects & { readonly kind: 'subject-erased' }

/** What is kept of these people is only stored, and nothing more is taken in; `lifted`: from now on it is used again. */
export type SubjectRestricted = Subjects & {
  readonly kind: 'subject-restricted'
  readonly mode: 'restricted' | 'objected' | 'lifted'
  /** Said again, of data that was put back: since when it holds. Left out: from now on. */
  readonly since?: LogTime
}

/** The caller of a call was another one, or none that may be known. */
export type CallRectified = {
  readonly kind: 'call-rectified'
  readonly tenant: string
  readonly request: string
  readonly carrier: string
  readonly call: string
  readonly a: Pseudonym | null
}

/** Carries a note beside itself in the log, and changes nothing here. */
export type Noted = { readonly kind: 'noted'; readonly tenant: string }

/** The contract has ended: everything of the tenant goes. */
export type TenantEnded = { readonly kind: 'tenant-ended'; readonly tenant: string; readonly request: string }

/** Only moves time. */
export type Pulse = { readonly kind: 'pulse' }

/** What the log adds to an input: when, and where in the log. */
export type Entry = {
  readonly at: LogTime
  readonly sequence: number
  readonly index: number
  /** Who wrote the message and its gapless counter: the last filter for doubles. */
  readonly producer: string
  readonly counter: number
  readonly input: Input
}
