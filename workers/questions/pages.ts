import type { CallRecord } from '../../core/outcome.ts'
import { callColumns, callRow, shownCall } from '../../core/shownCall.ts'
import { csvTable } from '../../config/csv.ts'
import type { CallFilter, CallPlace } from '../../core/wire/questions.ts'
import type { CallTable } from './callTable.ts'
import type { Stretch } from './report.ts'

/** A page of calls, the latest ring first, and where the next one begins. */
export type Page = { readonly records: readonly CallRecord[]; readonly next: CallPlace | null }

export type PageSetup = {
  readonly table: CallTable
  readonly stretch: Stretch
  readonly filter: CallFilter
  readonly isExact: boolean
  readonly most: number
  /** The record of a call, without what nobody may see; null: it has gone. */
  readonly read: (key: string) => CallRecord | null
}

export function pageOf({ table, stretch, filter, isExact, most, read }: PageSetup): Page {
  const { from, to, chooses } = stretch
  const records: CallRecord[] = []
  // Of the last call on the page, and of no other: what lies between it and the next page may be restricted.
  let last: CallPlace | null = null
  for (let place = to - 1; place >= from; place--) {
    const slot = table.order[place] as number
    if (!chooses(slot)) continue
    if (records.length === most) return { records, next: last }
    const record = read(table.keyOf(slot))
    if (record === null || !(isExact || isNamed(record, filter))) continue
    records.push(record)
    last = table.placeOf(slot)
  }
  return { records, next: null }
}

function isNamed({ match }: CallRecord, { session, visitor }: CallFilter): boolean {
  return (session === null || match.session === session) && (visitor === null || match.visitor === visitor)
}

/** `isFirst`: a table begins with the names of its columns. */
export function textOf(
  records: readonly CallRecord[],
  as: 'json' | 'ndjson' | 'csv',
  isFirst: boolean,
): string {
  if (as === 'json') return records.map(record => JSON.stringify(shownCall(record))).join(',')
  if (as === 'ndjson') return records.map(record => `${JSON.stringify(shownCall(record))}\n`).join('')
  const table = csvTable(callColumns, records.map(callRow))
  return isFirst ? table : table.slice(table.indexOf('\n') + 1)
}
