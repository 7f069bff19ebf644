import type { CallRecord, HeardSignal } from './outcome.ts'

/** What records have had since they had paths: rows and results that were written before lack it. */
type Later = 'totalMs' | 'duplicateOf' | 'shownMs' | 'touches' | 'history'
export type KeptCall = Omit<CallRecord, Later> & Partial<Pick<CallRecord, Later>>

/** A record as it is read, whenever it was written: what nobody noted then is null, or nothing. */
export function wholeCall(kept: KeptCall): CallRecord {
  if (kept.history !== undefined) return compact(kept as CallRecord)
  const atOf = (state: HeardSignal['state']) => kept.heard.find(one => one.state === state)?.at
  const [rang, ended] = [atOf('ring'), atOf('end')]
  const totalMs = rang === undefined || ended === undefined ? null : Math.max(0, ended - rang)
  return compact({ ...kept, totalMs, duplicateOf: null, shownMs: null, touches: [], history: [] })
}

/**
 * The same with its fields in one place: whoever reads an object of so many fields name by name makes a table of it, which
 * takes a kilobyte more and is slower to read from. A record with other fields, or in another order, stays as it is.
 */
function compact(record: CallRecord): CallRecord {
  const names = Object.keys(record)
  const isUsual = names.length === usual.length && names.every((name, place) => name === usual[place])
  return isUsual ? ofUsual(record) : record
}

const ofUsual = (record: CallRecord): CallRecord => ({
  carrier: record.carrier,
  call: record.call,
  a: record.a,
  b: record.b,
  c: record.c,
  rangAt: record.rangAt,
  answeredAt: record.answeredAt,
  endedAt: record.endedAt,
  ringMs: record.ringMs,
  talkMs: record.talkMs,
  totalMs: record.totalMs,
  outcome: record.outcome,
  reason: record.reason,
  qualified: record.qualified,
  firstTime: record.firstTime,
  duplicateOf: record.duplicateOf,
  shownMs: record.shownMs,
  touches: record.touches,
  match: record.match,
  forward: record.forward,
  heard: record.heard,
  history: record.history,
})

const usual =
  'carrier call a b c rangAt answeredAt endedAt ringMs talkMs totalMs outcome reason qualified firstTime duplicateOf shownMs touches match forward heard history'.split(
    ' ',
  )
