import { pack } from '../config/pack.ts'
import { type State, tablesOf } from '../core/state.ts'

/** A row of the state as the store keeps it; `bytes` null: it is gone. */
export type Row = { readonly table: string; readonly key: string; readonly bytes: Buffer | null }

/** What changed since this was last asked. Rows are packed here and now: a later entry must not slip into an earlier commit. */
export function changedRows(state: State): Row[] {
  const rows: Row[] = []
  for (const [table, records] of tablesOf(state)) {
    for (const [key, value] of records.takeChanges()) {
      rows.push({ table, key, bytes: value === undefined ? null : pack(value) })
    }
  }
  return rows
}
