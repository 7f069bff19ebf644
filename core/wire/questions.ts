import type { CallOutcome, MatchKind } from '../outcome.ts'
import type { CreditModel } from '../credit.ts'
import type { Dimension } from '../shownCall.ts'
import type { PerMille } from '../words.ts'

/**
 * What a gateway asks about a tenant's calls (`questions.<partition>`), and what it is told by whoever reads the owner's
 * store beside it.
 */

/** Which calls; what is null is not asked for. Times are of the ring, the end is not included. */
export type CallFilter = {
  readonly fromMs: number | null
  readonly toMs: number | null
  readonly kinds: readonly MatchKind[] | null
  readonly outcomes: readonly CallOutcome[] | null
  readonly qualified: boolean | null
  readonly firstTime: boolean | null
  /** An empty text: those that have none. */
  readonly parts: Readonly<Partial<Record<Dimension, string>>>
  readonly b: string | null
  readonly carrier: string | null
  readonly session: string | null
  readonly visitor: string | null
  readonly minConfidence: PerMille | null
}

/** A call's place among those of its tenant: the latest ring comes first. */
export type CallPlace = { readonly rangAt: number; readonly key: string }

export type Report = {
  readonly by: readonly Dimension[]
  readonly model: CreditModel
  readonly daily: boolean
  readonly most: number
}

export type QuestionRequest =
  | {
      readonly kind: 'calls'
      readonly tenant: string
      readonly filter: CallFilter
      readonly after: CallPlace | null
      readonly most: number
      readonly as: 'json' | 'ndjson' | 'csv'
    }
  | {
      readonly kind: 'report'
      readonly tenant: string
      readonly filter: CallFilter
      readonly report: Report
      readonly as: 'json' | 'csv'
    }
  | {
      readonly kind: 'utilisation'
      readonly tenant: string
      readonly pool: string
      readonly fromMs: number
      readonly toMs: number
      readonly most: number
    }

/** How a pool stood at a moment, in the words of its gauges. */
export type PoolMoment = {
  readonly atMs: number
  readonly size: number
  readonly assigned: number
  readonly tail: number
  readonly cooling: number
  readonly free: number
  /** Beside them: numbers that were taken out, while a claim on them runs; null: nobody counted them then. */
  readonly draining: number | null
}

/** `current` false: it is of an owner that is behind, or whose calls are not all read yet; `read` says how many are. */
export type QuestionReply =
  | { readonly kind: 'loading'; readonly current: false; readonly read: number }
  | { readonly kind: 'too-many'; readonly current: false }
  /** No message of the nats-server may be as long as the answer. */
  | { readonly kind: 'too-long'; readonly current: boolean }
  | {
      readonly kind: 'calls'
      readonly current: boolean
      /** JSON: their records with commas between them; else lines. */
      readonly text: Uint8Array
      readonly calls: number
      /** Where the next page begins; null: that was the last. */
      readonly next: CallPlace | null
    }
  | {
      readonly kind: 'report'
      readonly current: boolean
      /** As it is sent on: a gateway that took rows apart would be late for its callers. */
      readonly text: Uint8Array
      /** How many rows were left out. */
      readonly more: number
    }
  | {
      readonly kind: 'utilisation'
      readonly current: boolean
      readonly moments: readonly PoolMoment[]
      readonly next: number | null
    }
