import { pack } from '../config/pack.ts'
import { type State, tablesOf } from '../core/state.ts'

/** A row of the state as the store keeps it; `bytes` null: it is gone. */
export type Row = { readonly table: string; readonly key: string; readonly bytes: Buffer | null }

/**
 * What changed since this was last asked. Rows are packed here and now: a later entry must not slip into an earlier commit.
 * Of the rows of a tenant that has ended so many leave with it at most.
 */
export function changedRows(state: State, leavingMost = Number.POSITIVE_INFINITY): Row[] {
  const rows: Row[] = []
  const room = { left: leavingMost }
  for (const [table, records] of tablesOf(state)) {
    for (const [key, value] of records.takeChanges(room)) {
      rows.push({ table, key, bytes: value === undefined ? null : pack(value) })
    }
  }
  return rows
}

/** Whether rows of a tenant that has ended are still in the store. */
export function isLeaving(state: State): boolean {
  return tablesOf(state).some(([, records]) => records.isLeaving)
}
