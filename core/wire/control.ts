import type { AccessKey, KeyAndUse, Scope } from '../access.ts'
import type { Terms } from '../keptFor.ts'
import type { CallRecord } from '../outcome.ts'
import type { Pseudonym, VisitorId } from '../words.ts'
import type { AccountReply, AccountRequest } from './account.ts'
import type { RightsReply, RightsRequest } from './rights.ts'
import type { VisitReply, VisitRequest } from './visits.ts'

/** What a gateway may ask the owner of a partition (`control.<partition>`), and what it is told. */
export type ControlRequest =
  | { readonly kind: 'status' }
  | { readonly kind: 'call'; readonly tenant: string; readonly call: string }
  | { readonly kind: 'intake' }
  | { readonly kind: 'terms' }
  | RightsRequest
  | AccountRequest
  | VisitRequest
  | AccessRequest

/** About API keys. The processor's own belong to tenant ''. */
export type AccessRequest =
  | { readonly kind: 'access-key'; readonly tenant: string; readonly id: string }
  | { readonly kind: 'access-keys'; readonly tenant: string }
  /** Told to every owner; nobody waits for the answer. */
  | {
      readonly kind: 'access-used'
      readonly tenant: string
      readonly id: string
      readonly lastAt: number
      readonly scopes: readonly Scope[]
    }

export type PartitionStatus = {
  readonly partition: number
  readonly applied: number
  readonly committed: number
  readonly stopped: string | null
  /** Whether this owner has applied what the log held when it began: before, others know better. */
  readonly current: boolean
  /** How often the commit under way has failed: its store, or stream RESULTS, does not take it. */
  readonly failedCommits: number
  /** The version of every tenant's policy that is in force here. */
  readonly policies: Readonly<Record<string, string>>
  /** Whether an API key was ever made for a tenant of this partition. */
  readonly hasKeys: boolean
}

export type ControlReply =
  | { readonly kind: 'status'; readonly status: PartitionStatus }
  | { readonly kind: 'intake'; readonly current: boolean; readonly said: IntakeSaid }
  | { readonly kind: 'terms'; readonly current: boolean; readonly said: TermsSaid }
  | { readonly kind: 'calls'; readonly current: boolean; readonly calls: readonly CallRecord[] }
  | RightsReply
  | AccountReply
  | VisitReply
  | (AboutKeys & { readonly kind: 'access-key'; readonly key: AccessKey | null })
  | (AboutKeys & { readonly kind: 'access-keys'; readonly keys: readonly KeyAndUse[] })
  | { readonly kind: 'done'; readonly current: boolean }

/**
 * `whole`: the owner has every key that anybody was given. One that is catching up with the log has not, and must not be
 * believed: it may not know yet that a key was revoked. One that stopped has, because what it did not apply was not answered.
 */
type AboutKeys = { readonly current: boolean; readonly whole: boolean }

/**
 * What is in force for some people from now on; `ended`: for everybody of the tenant; `withdrawn`: they took consent back
 * on `site`. Random and keyed ids only.
 */
export type RightsSaid = {
  readonly tenant: string
  readonly visitors: readonly VisitorId[]
  readonly callers: readonly Pseudonym[]
  /** `rekeyed`: what is sealed for them from now on needs a new key. */
  readonly mode: 'erased' | 'restricted' | 'objected' | 'lifted' | 'ended' | 'rekeyed' | 'withdrawn'
  readonly site?: string
  /** Log time. */
  readonly at: number
}

/**
 * For how long data of these tenants is kept: of all of the partition where it was asked for, else of one whose terms have
 * just changed.
 */
export type TermsSaid = {
  readonly tenants: readonly (Terms & { readonly tenant: string })[]
  /** Log time. */
  readonly at: number
}

/**
 * Which half of an owner's gateways wrap new keys for (X25519, 32 bytes); `id` names it (8 bytes). Said when asked, when
 * it changes, and every half minute, to everybody: it is no secret.
 */
export type IntakeSaid = {
  readonly partition: number
  readonly owner: string
  readonly id: Uint8Array
  readonly publicHalf: Uint8Array
}

/**
 * What every process that owns partitions says of itself, once a minute: the lowest sequence that all of them have on
 * disk. The log is trimmed by these words alone.
 */
export type PositionsSaid = {
  readonly owner: string
  readonly partitions: readonly number[]
  readonly lowest: number
}
