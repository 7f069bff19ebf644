import type { Match } from '../outcome.ts'
import type { Source } from '../policy.ts'

/** What an owner is asked of a visit, or of a number at a moment. Nothing that is sealed is in the answers. */
export type VisitRequest =
  | { readonly kind: 'visit'; readonly tenant: string; readonly session: string }
  /** `at` null: now. */
  | { readonly kind: 'holder'; readonly tenant: string; readonly b: string; readonly at: number | null }
  /** Asked again and again with the same times until it is found. */
  | {
      readonly kind: 'phrases'
      readonly tenant: string
      readonly fromMs: number
      readonly toMs: number
      readonly most: number
      readonly cancel: boolean
      /** The asker's half: only it can open the answer. */
      readonly for: Uint8Array
    }

/** What a report by phrase is bound to when it is sealed for who asked. */
export const phrasesBound = 'ringtrail phrases v1'

/** `phrase` null: none is known, or it cannot be read any more. */
export type PhraseRow = {
  readonly phrase: string | null
  readonly calls: number
  readonly qualified: number
  readonly answered: number
}

export type VisitFacts = {
  readonly visitor: string
  /** Nothing of this visitor is used (rule P5): the rest is left empty. */
  readonly restricted: boolean
  readonly site: string
  readonly source: Source | null
  readonly startedAt: number
  /** null: it can still be continued. */
  readonly endedAt: number | null
  /** Stretches of life; what lies between them is a gap. */
  readonly spans: readonly (readonly [from: number, last: number])[]
  /** Numbers that are remembered to have been held, the earliest first. */
  readonly numbers: readonly HeldNumber[]
}

/** `until`: the end of its cool-down as far as is known now. */
export type HeldNumber = {
  readonly number: string
  readonly target: string
  readonly from: number
  readonly until: number
  readonly shared: boolean
}

export type HolderFacts = {
  readonly at: number
  /** null: it is in no pool now. */
  readonly pool: string | null
  /** What a call would have been answered that rang then with a withheld number. */
  readonly match: Match
  /** When the holder got it, and until when it counts; null: nobody is known to have held it. */
  readonly held: HeldNumber | null
  /** false: it is longer ago than the memory of who held what reaches, so that somebody may have held it. */
  readonly remembered: boolean
}

export type VisitReply =
  | { readonly kind: 'visit'; readonly current: boolean; readonly visit: VisitFacts | null }
  /** null: the tenant has no such number. */
  | { readonly kind: 'holder'; readonly current: boolean; readonly holder: HolderFacts | null }
  /** `found` null: so many of the tenant's calls were looked at so far. `isFull`: as many jobs as may be are under way. */
  | {
      readonly kind: 'phrases'
      readonly current: boolean
      readonly read: number
      readonly of: number
      readonly isFull: boolean
      readonly found: { readonly from: Uint8Array; readonly bytes: Uint8Array } | null
    }
