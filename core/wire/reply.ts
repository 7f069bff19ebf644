import type { Match } from '../outcome.ts'
import type { ProblemCode } from '../problems.ts'
import type { PhoneNumber, SessionId, VisitorId } from '../words.ts'

/** What a worker tells the gateway that waits, one reply per event of a message. */

export type LentNumber = {
  readonly target: string
  /** null: the page keeps its own number. */
  readonly number: PhoneNumber | null
  readonly kind: 'assigned' | 'shared' | 'static' | 'fallback'
}

export type VisitReply = {
  readonly kind: 'visit'
  readonly session: SessionId
  readonly visitor: VisitorId
  readonly resumed: boolean
  readonly numbers: readonly LentNumber[]
}

export type Reply =
  | VisitReply
  | { readonly kind: 'call'; readonly match: Match; readonly forward: PhoneNumber | null }
  /** Sessions of a `beats` entry that are gone: their gateway says hello again for them. */
  | { readonly kind: 'gone'; readonly sessions: readonly SessionId[] }
  | { readonly kind: 'problem'; readonly code: ProblemCode }
  | { readonly kind: 'done' }

export type ReplyMessage = {
  readonly producer: string
  readonly counter: number
  readonly replies: readonly Reply[]
}
