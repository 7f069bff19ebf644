import type { AuditRecord } from '../audit.ts'
import type { CallRecord } from '../outcome.ts'

/**
 * What a gateway asks an owner on behalf of a person, and what it is told. Names are `v:` visitors, `s:` sessions, `c:`
 * callers and `e:` what was entered: random or keyed, never a personal value.
 */
export type RightsRequest =
  | { readonly kind: 'find'; readonly tenant: string; readonly name: string }
  | {
      readonly kind: 'records'
      readonly tenant: string
      readonly subjects: readonly string[]
      /** How many of them were given already. */
      readonly from: number
      /** The asker's half: only it can open the answer. */
      readonly for: Uint8Array
    }
  | { readonly kind: 'receipt'; readonly tenant: string; readonly request: string }
  /** Gateways have no root key: an owner signs what they export, where its chain says that it was asked for. */
  | { readonly kind: 'sign-export'; readonly tenant: string; readonly manifest: ExportFacts }
  | {
      readonly kind: 'audit'
      readonly tenant: string
      readonly from: number
      readonly most: number
    }
  | { readonly kind: 'restricted'; readonly tenant: string }
  /** Before something is done for these people: whether anything is held, and what is in force for them. */
  | { readonly kind: 'standing'; readonly tenant: string; readonly subjects: readonly string[] }

/** Which package is to be signed, and its manifest, which speaks for all of it, by its hash. */
export type ExportFacts = {
  readonly request: string
  readonly purpose: 'access' | 'portability' | 'return'
  readonly madeAt: string
  readonly manifestSha256: string
}

/** Somebody who may be meant, with what tells whether: counts and times, no values. */
export type FoundSubject = {
  readonly subject: string
  /** Named by what was asked for, or linked to who was named: by a call, or by an entry in a form. */
  readonly by: 'name' | 'session' | 'entered' | 'call'
  readonly sessions: number
  readonly events: number
  readonly calls: number
  readonly firstAtMs: number | null
  readonly lastAtMs: number | null
  readonly restriction: RestrictionFacts | null
}

/** What is in force for somebody (rule P5), and since when. */
export type RestrictionFacts = { readonly mode: 'restricted' | 'objected'; readonly atMs: number }

/** An event of the history as the owner opens it. */
export type OpenedEvent = {
  readonly atMs: number
  readonly sequence: number
  readonly index: number
  readonly clear: unknown
  readonly session: string | null
  readonly personal: Readonly<Record<string, unknown>> | null
}

export type SessionFacts = {
  readonly session: string
  readonly visitor: string
  readonly site: string
  readonly startedAt: number
  readonly lastBeatAt: number
}

/** What travels sealed to the asker. `next` null: that was the last of it. */
export type RecordsPage = {
  readonly events: readonly OpenedEvent[]
  readonly calls: readonly CallRecord[]
  readonly sessions: readonly SessionFacts[]
  readonly next: number | null
}

/** A receipt as it was signed, or a head: whoever has the public key verifies it. */
type SignedByOwner = Readonly<Record<string, unknown>>

export type RightsReply =
  | { readonly kind: 'found'; readonly current: boolean; readonly found: readonly FoundSubject[] }
  /** `from`: the owner's half; `bytes`: a `RecordsPage`, packed and wrapped. */
  | {
      readonly kind: 'records'
      readonly current: boolean
      readonly from: Uint8Array
      readonly bytes: Uint8Array
    }
  | { readonly kind: 'receipt'; readonly current: boolean; readonly receipt: SignedByOwner | null }
  /** null: the chain has no record of the request. One that has not can be behind: it is not current then. */
  | { readonly kind: 'sign-export'; readonly current: boolean; readonly signed: SignedByOwner | null }
  | {
      readonly kind: 'audit'
      readonly current: boolean
      readonly records: readonly AuditRecord[]
      readonly heads: readonly SignedByOwner[]
      readonly key: { readonly keyId: string; readonly publicKey: string; readonly pem: string }
    }
  | {
      readonly kind: 'restricted'
      readonly current: boolean
      readonly visitors: readonly string[]
      readonly callers: readonly string[]
      /** Those of them who objected, by name. */
      readonly objected: readonly string[]
    }
  | {
      readonly kind: 'standing'
      readonly current: boolean
      /** Those of whom nothing is held. */
      readonly unheld: readonly string[]
      readonly restrictions: Readonly<Record<string, RestrictionFacts>>
    }
