import type { DeletionCertificate } from '../receipt.ts'
import type { Breach, BreachCounts } from '../breach.ts'

/** What an owner is asked so that somebody can give account: of keys, of a breach, of the end of a contract. */
export type AccountRequest =
  | { readonly kind: 'key-inventory'; readonly tenant: string }
  /** Asked again and again with the same `job` until it is done. */
  | {
      readonly kind: 'breach-count'
      readonly job: string
      readonly tenant: string
      readonly fromMs: number
      readonly toMs: number
      readonly actors: readonly string[] | null
      /** From when on measures are counted. */
      readonly sinceMs: number
    }
  | { readonly kind: 'breaches'; readonly tenant: string }
  /** Begins to write a return package, or says how far it is. `head` null: only says. */
  | {
      readonly kind: 'tenant-return'
      readonly tenant: string
      readonly request: string
      readonly head: object | null
    }
  /** Which package of the tenant was finished last. */
  | { readonly kind: 'last-return'; readonly tenant: string }
  /** Of the end that this request asked for; null: of the last. */
  | { readonly kind: 'certificate'; readonly tenant: string; readonly request: string | null }
  /** Which tenants of the partition have ended; `only`: whether this one has. */
  | { readonly kind: 'ended-tenants'; readonly only: string | null }

export type KeyInventory = {
  readonly subjectKeys: number
  readonly periodKeys: number
  /** When the oldest key of a period is destroyed by retention; null: there is none. */
  readonly oldestPeriodUntilMs: number | null
}

/** `done` null: it is being written. */
export type ReturnState = {
  readonly records: number
  readonly failed: boolean
  readonly done: {
    readonly atMs: number
    readonly manifestSha256: string
    readonly records: number
    /** null: it was removed, at `removedAtMs`. */
    readonly directory: string | null
    readonly removedAtMs: number | null
  } | null
}

export type AccountReply =
  | { readonly kind: 'key-inventory'; readonly current: boolean; readonly keys: KeyInventory }
  /** `counts` null: it is under way, and has read `read` rows. */
  | {
      readonly kind: 'breach-count'
      readonly current: boolean
      readonly read: number
      readonly counts: BreachCounts | null
    }
  /** `lying`: how many packages of the tenant there are, the one being written among them. */
  | {
      readonly kind: 'tenant-return'
      readonly current: boolean
      readonly state: ReturnState | null
      readonly lying: number
    }
  | { readonly kind: 'last-return'; readonly current: boolean; readonly done: ReturnState['done'] }
  | {
      readonly kind: 'certificate'
      readonly current: boolean
      readonly certificate: DeletionCertificate | null
    }
  | { readonly kind: 'ended-tenants'; readonly current: boolean; readonly tenants: readonly string[] }
  | { readonly kind: 'breaches'; readonly current: boolean; readonly breaches: readonly Breach[] }
