import type { CallRecord, HeardSignal } from './outcome.ts'

/** What records have had since they had paths: rows and results that were written before lack it. */
type Later = 'totalMs' | 'duplicateOf' | 'shownMs' | 'touches' | 'history'
export type KeptCall = Omit<CallRecord, Later> & Partial<Pick<CallRecord, Later>>

/** A record as it is read, whenever it was written: what nobody noted then is null, or nothing. */
export function wholeCall(kept: KeptCall): CallRecord {
  if (kept.history !== undefined) return kept as CallRecord
  const atOf = (state: HeardSignal['state']) => kept.heard.find(one => one.state === state)?.at
  const [rang, ended] = [atOf('ring'), atOf('end')]
  const totalMs = rang === undefined || ended === undefined ? null : Math.max(0, ended - rang)
  return { ...kept, totalMs, duplicateOf: null, shownMs: null, touches: [], history: [] }
}
