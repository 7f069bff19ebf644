import { join } from 'node:path'
import { existsSync } from 'node:fs'
import { unpack } from '../../config/pack.ts'
import { openToRead } from '../../config/reading.ts'
import { changedSince, type ChangedRow } from '../changeList.ts'
import type { Position } from '../store.ts'
import {
  openTenant,
  readMore,
  type Rows,
  type StoreKey,
  takeChange,
  type TenantCalls,
  tenantsIn,
} from './tenantCalls.ts'

/**
 * The calls of a partition's tenants, kept in step with the store that its owner writes: whoever looks at them sees what
 * is committed at that moment. Nothing is asked of the owner.
 */
export type PartitionCalls = ReturnType<typeof createPartitionCalls>

/** `too-many`: there was no room for it. */
export type Found = TenantCalls | 'unknown' | 'too-many'

export function createPartitionCalls(dataDir: string, partition: number) {
  const path = join(dataDir, 'partitions', String(partition).padStart(3, '0'))
  const tenants = new Map<string, TenantCalls>()
  const tooMany = new Set<string>()
  let rows: Rows | null = null
  let known = 0
  const begin = () => {
    tenants.clear()
    tooMany.clear()
    for (const tenant of tenantsIn(rows as Rows)) {
      const calls = openTenant(rows as Rows, tenant)
      if (calls !== null) tenants.set(tenant, calls)
    }
  }
  /** Brings all that is read up to what is committed now. null: there is no store yet. */
  const keepUp = (): Rows | null => {
    if (rows === null && !existsSync(join(path, 'data.mdb'))) return null
    rows ??= openToRead<StoreKey>(path)
    rows.freshen()
    const now = sequenceOf(rows)
    if (now === known) return rows
    const changes = known === 0 ? null : changedSince(rows, known + 1)
    known = now
    if (changes === null) begin()
    else for (const change of changes) take(rows, tenants, change)
    return rows
  }
  return {
    keepUp,
    /** Reads some more of what is not read yet; false: there is nothing. */
    readOn: (): boolean => {
      const open = keepUp()
      const unread = [...tenants.values()].find(({ readTo }) => readTo !== null)
      if (open !== null && unread !== undefined) readMore(open, unread)
      return unread !== undefined
    },
    find: (tenant: string): Found => (tooMany.has(tenant) ? 'too-many' : (tenants.get(tenant) ?? 'unknown')),
    calls: () => [...tenants.values()].reduce((sum, { table }) => sum + table.size, 0),
    /** How many calls the tenant with the most has. */
    most: () => largestOf(tenants)?.table.size ?? 0,
    /** That tenant is answered that it has too many, so that all others are answered as before. */
    dropLargest: (): void => {
      const largest = largestOf(tenants)
      if (largest === null) return
      tenants.delete(largest.tenant)
      tooMany.add(largest.tenant)
    },
    close: async () => {
      await rows?.close()
      rows = null
    },
  }
}

function sequenceOf(rows: Rows): number {
  const bytes = rows.get(['meta', 'position'])
  return bytes === undefined ? 0 : (unpack(bytes) as Position).sequence
}

/** A tenant that was not there before is read from its beginning. */
function take(rows: Rows, tenants: Map<string, TenantCalls>, { table, key }: ChangedRow): void {
  const space = key.indexOf(' ')
  const tenant = table === 'policies' ? key : key.slice(0, space)
  const calls = tenants.get(tenant)
  if (calls !== undefined)
    return takeChange(rows, calls, table, table === 'policies' ? key : key.slice(space + 1))
  if (table !== 'policies') return
  const opened = openTenant(rows, tenant)
  if (opened !== null) tenants.set(tenant, opened)
}

function largestOf(tenants: ReadonlyMap<string, TenantCalls>): TenantCalls | null {
  let largest: TenantCalls | null = null
  for (const calls of tenants.values())
    if (largest === null || calls.table.size > largest.table.size) largest = calls
  return largest
}

/** Where partitions hold more calls than they may together, the tenant goes that has the most, whichever partition it is in. */
export function makeRoom(all: readonly PartitionCalls[], callsMax: number): void {
  while (all.reduce((sum, one) => sum + one.calls(), 0) > callsMax)
    all.reduce((fullest, one) => (one.most() > fullest.most() ? one : fullest)).dropLargest()
}
