import type { Entry } from '../config/streamLife.ts'
import type { PendingResult } from './results.ts'
import type { Aside, HistoryRow } from './store.ts'

/** What was applied since the last commit was begun: it is committed together, after its results are stored. */
export type Group = {
  sequence: number
  /** The last entry of the log among it; null: none yet. */
  last: Entry | null
  entries: number
  readonly results: PendingResult[]
  readonly history: HistoryRow[]
  readonly asides: Aside[]
}

export function emptyGroup(sequence: number): Group {
  return { sequence, last: null, entries: 0, results: [], history: [], asides: [] }
}
