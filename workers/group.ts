import type { Entry } from '../config/streamLife.ts'
import type { AuditRecord, Note } from '../core/audit.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Lane, LogEvent, NewKey } from '../core/wire/log.ts'
import type { Reply } from '../core/wire/reply.ts'
import type { LogTime } from '../core/words.ts'
import type { PendingResult } from './results.ts'
import type { HistoryRow } from './history.ts'
import type { Aside } from './store.ts'

/** What an event of a message led to. */
export type Applied = {
  readonly event: LogEvent
  readonly outcomes: readonly Outcome[]
  readonly reply: Reply
  /** What the audit chain records of it beside the note that it brought: only from the state before it can that be told. */
  readonly alsoNoted?: Note | null
  /** Of an erasure: of how many of those whom it names nothing was held. */
  readonly unheld?: number | undefined
}

/** One message of the log, applied. Nothing in it changes any more. */
export type Turn = {
  readonly sequence: number
  readonly at: LogTime
  readonly lane: Lane
  /** From the log's clock to ours. */
  readonly lagMs: number
  readonly applied: readonly Applied[]
}

/** A key of the log, and the log time of the message that brought it. */
export type ArrivedKey = { readonly key: NewKey; readonly atMs: number }

/** What was applied since the last commit was begun: it is committed together, after its results are stored. */
export type Group = {
  sequence: number
  /** The last entry of the log among it; null: none yet. */
  last: Entry | null
  entries: number
  /** Whose results and history are yet to be worked out: few, because they take more room than what follows from them. */
  readonly turns: Turn[]
  readonly results: PendingResult[]
  readonly history: HistoryRow[]
  /** Keys that came with its messages: the store has them before the position passes. */
  readonly keys: ArrivedKey[]
  readonly audit: AuditRecord[]
  readonly asides: Aside[]
}

export function emptyGroup(sequence: number): Group {
  return {
    sequence,
    last: null,
    entries: 0,
    turns: [],
    results: [],
    history: [],
    keys: [],
    audit: [],
    asides: [],
  }
}
