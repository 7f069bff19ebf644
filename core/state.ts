import { forgetCallAt, noteAll } from './dueTimes.ts'
import { Heap } from './heap.ts'
import { callKey, createTables, type State, type TableName, type Tables } from './memory.ts'
import type { CallRecord } from './outcome.ts'
import type { TenantPolicy } from './policy.ts'
import type { Table } from './tables.ts'
import { createTenant, tenantsInOrder } from './tenancy.ts'
import type { LogTime } from './words.ts'

export type { State, TableName, Tables } from './memory.ts'

/** Which version of RULES.md this is. It stands in every result's id. */
export const rulesVersion = 1

/** A partition that has seen nothing yet. */
export function createState(): State {
  return {
    now: 0 as LogTime,
    rules: rulesVersion,
    position: { sequence: 0, index: 0 },
    tables: createTables(),
    tenants: new Map(),
    silences: new Heap(),
  }
}

/**
 * The state that these rows were taken from: it concludes the same from every further entry, whatever order the rows
 * come in. Throws where a row names a table that does not exist.
 */
export function restoreState(rows: Iterable<{ table: TableName; key: string; value: unknown }>): State {
  const state = createState()
  for (const { table, key, value } of rows) putRow(state.tables, table, key, value)
  const clock = state.tables.clock.get('clock')
  if (clock !== undefined) {
    state.now = clock.now as LogTime
    state.position = { sequence: clock.sequence, index: clock.index }
  }
  for (const [id, row] of state.tables.tenants.entries()) {
    state.tenants.set(id, createTenant(state, row.policy))
  }
  noteAll(state)
  return state
}

function putRow(tables: Tables, name: TableName, key: string, value: unknown): void {
  const table = tables[name] as Table<unknown> | undefined
  if (table === undefined) throw new Error(`there is no table ${name}`)
  table.restore(key, value)
}

/** Every table by its name: all that has to be stored. */
export function tablesOf(state: State): [TableName, Table<unknown>][] {
  return Object.entries(state.tables) as [TableName, Table<unknown>][]
}

/** The policies in force, in the order of the tenants' ids. */
export function policiesOf(state: State): TenantPolicy[] {
  return tenantsInOrder(state).map(tenant => tenant.policy)
}

/** Tenant id → version of its policy. */
export function policyVersions(state: State): Record<string, string> {
  const versions: Record<string, string> = {}
  for (const [id, row] of state.tables.tenants.entries()) versions[id] = row.version
  return versions
}

/** The records of all calls with this id, whichever carrier reported them. */
export function callsById(state: State, tenant: string, call: string): CallRecord[] {
  const known = state.tenants.get(tenant)
  if (known === undefined) return []
  const records = [...known.due.carriers].sort().map(carrier => findCall(state, tenant, carrier, call))
  return records.filter(record => record !== undefined)
}

/** One call's record, unless it is past its time in memory (rule F2), swept or not. */
export function findCall(state: State, tenant: string, carrier: string, call: string): CallRecord | undefined {
  const record = state.tables.calls.get(callKey(tenant, carrier, call))
  const retentionMs = state.tenants.get(tenant)?.policy.retentionMs
  if (record === undefined || retentionMs === undefined) return undefined
  return forgetCallAt(record, retentionMs) > state.now ? record : undefined
}
