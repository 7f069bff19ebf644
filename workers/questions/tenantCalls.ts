import { unpack } from '../../config/pack.ts'
import type { ReadStore } from '../../config/reading.ts'
import type { CallRecord } from '../../core/outcome.ts'
import { callDefaults, type TenantPolicy } from '../../core/policy.ts'
import type { PolicyRow } from '../../core/records.ts'
import { isCallUsed, usedCall } from '../../core/restrict.ts'
import { type KeptCall, wholeCall } from '../../core/wholeCall.ts'
import { CallTable } from './callTable.ts'

/** The calls of one tenant as questions see them, and how far they are read. */
export type StoreKey = (string | number)[]
export type Rows = ReadStore<StoreKey>

export type TenantCalls = {
  readonly tenant: string
  readonly table: CallTable
  /** Of whom nothing is used: `v:` and `c:` names (rules P5, P13). */
  readonly restricted: Set<string>
  retentionMs: number
  /** The key that was read last; null: all are read. */
  readTo: string | null
}

const rowsPerStep = 256

/** A tenant with nothing read yet but whom not to use; null: the core does not know it, or not any more. */
export function openTenant(rows: Rows, tenant: string): TenantCalls | null {
  const policy = policyOf(rows, tenant)
  if (policy === null) return null
  const restricted = new Set<string>()
  for (const key of rows.getKeys(ofTenant('restricted', tenant, ''))) restricted.add(ownKey(tenant, key))
  const calls = { tenant, table: new CallTable(), restricted, retentionMs: policy.retentionMs, readTo: '' }
  obey(calls, policy)
  return calls
}

/** Reads some more of its calls. */
export function readMore(rows: Rows, calls: TenantCalls): void {
  const { tenant, readTo } = calls
  if (readTo === null) return
  const found = [...rows.getRange({ ...ofTenant('calls', tenant, readTo), limit: rowsPerStep })]
  for (const { key, value } of found) put(calls, ownKey(tenant, key), wholeCall(unpack(value) as KeptCall))
  const last = found.at(-1)
  // The last one comes again with the next, which does no harm.
  calls.readTo = found.length < rowsPerStep || last === undefined ? null : ownKey(tenant, last.key)
  if (calls.readTo === null) calls.table.settle()
}

/** Takes over what a commit changed of it. */
export function takeChange(rows: Rows, calls: TenantCalls, table: string, key: string): void {
  if (table === 'calls') return takeCall(rows, calls, key)
  if (table === 'policies') obey(calls, policyOf(rows, calls.tenant))
  if (table !== 'restricted') return
  if (rows.get(stateKey('restricted', calls.tenant, key)) === undefined) calls.restricted.delete(key)
  else calls.restricted.add(key)
  const column = key.startsWith('v:') ? 'visitor' : 'caller'
  for (const named of calls.table.keysNaming(column, key.slice(2))) takeCall(rows, calls, named)
}

function takeCall(rows: Rows, calls: TenantCalls, key: string): void {
  const record = readRecord(rows, calls.tenant, key)
  if (record === null) calls.table.remove(key)
  else put(calls, key, record)
}

function put(calls: TenantCalls, key: string, record: CallRecord): void {
  const { restricted } = calls
  const isRestricted = restricted.size > 0 && !isCallUsed(record, name => restricted.has(name))
  calls.table.put(key, record, isRestricted)
}

/** A record as it may be shown (rule P13); null: it may not be, or it is gone. */
export function shownRecord(rows: Rows, { tenant, restricted }: TenantCalls, key: string): CallRecord | null {
  const record = readRecord(rows, tenant, key)
  if (record === null || restricted.size === 0) return record
  return usedCall(record, name => restricted.has(name))
}

function readRecord(rows: Rows, tenant: string, key: string): CallRecord | null {
  const bytes = rows.get(stateKey('calls', tenant, key))
  return bytes === undefined ? null : wholeCall(unpack(bytes) as KeptCall)
}

function policyOf(rows: Rows, tenant: string): TenantPolicy | null {
  const bytes = rows.get(['state', 'policies', tenant])
  return bytes === undefined ? null : (unpack(bytes) as PolicyRow).policy
}

/** null: the tenant has just ended, and its calls leave one by one. */
function obey(calls: TenantCalls, policy: TenantPolicy | null): void {
  if (policy === null) return
  calls.retentionMs = policy.retentionMs
  calls.table.halfLifeMs = policy.calls.halfLifeMs ?? callDefaults.halfLifeMs
}

/** Tenants that the core of a partition knows. */
export function tenantsIn(rows: Rows): string[] {
  return [...rows.getKeys({ start: ['state', 'policies'], end: ['state', 'policies', '\uffff'] })].map(key =>
    String(key[2]),
  )
}

// A tenant's id holds no space: rows of all tenants lie in one table, each under its tenant, a space and its own key.
const stateKey = (table: string, tenant: string, key: string): StoreKey => [
  'state',
  table,
  `${tenant} ${key}`,
]
const ofTenant = (table: string, tenant: string, from: string) => ({
  start: stateKey(table, tenant, from),
  end: ['state', table, `${tenant}!`],
})
const ownKey = (tenant: string, key: StoreKey): string => String(key[2]).slice(tenant.length + 1)
