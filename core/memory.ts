import { Heap } from './heap.ts'
import type { PoolPolicy, StaticPolicy, TargetPolicy, TenantPolicy } from './policy.ts'
import type {
  CallerRow,
  CallRow,
  ClockRow,
  NumberRow,
  ProducerRow,
  SessionRow,
  TenantRow,
  VisitorRow,
} from './rows.ts'
import { Table } from './tables.ts'
import type { LogTime, PhoneNumber } from './words.ts'

/** The shape of one partition in memory: tables, which are stored, and what is derived from them, which is not. */

/** A pool with its numbers ordered by when they are free. */
export type Pool = { readonly policy: PoolPolicy; readonly target: TargetPolicy | null; readonly free: Heap }

/** What is derived for one tenant. */
export type Tenant = {
  readonly policy: TenantPolicy
  readonly targets: ReadonlyMap<string, TargetPolicy>
  readonly sites: ReadonlyMap<string, readonly TargetPolicy[]>
  readonly statics: ReadonlyMap<PhoneNumber, StaticPolicy>
  readonly pools: ReadonlyMap<string, Pool>
  readonly poolOfNumber: ReadonlyMap<PhoneNumber, Pool>
  readonly due: Due
}

/** When what belongs to a tenant ends or is forgotten; keys are those of the tables. */
export type Due = {
  /** Sessions that are not ended, by when they cannot be continued any more. */
  readonly endings: Heap
  /** Ended sessions, by when they are forgotten. */
  readonly departures: Heap
  readonly calls: Heap
  readonly callers: Heap
  /** Carriers that reported calls. */
  readonly carriers: Set<string>
}

export function createDue(): Due {
  return {
    endings: new Heap(),
    departures: new Heap(),
    calls: new Heap(),
    callers: new Heap(),
    carriers: new Set(),
  }
}

export function createTables() {
  return {
    clock: new Table<ClockRow>(),
    tenants: new Table<TenantRow>(),
    sessions: new Table<SessionRow>(),
    visitors: new Table<VisitorRow>(),
    numbers: new Table<NumberRow>(),
    calls: new Table<CallRow>(),
    callers: new Table<CallerRow>(),
    producers: new Table<ProducerRow>(),
  }
}

export type Tables = ReturnType<typeof createTables>
export type TableName = keyof Tables

export type State = {
  now: LogTime
  rules: number
  position: { sequence: number; index: number }
  readonly tables: Tables
  readonly tenants: Map<string, Tenant>
  /** Producers, by when they have been silent for too long. */
  readonly silences: Heap
}

// Tenant, carrier and producer names and random ids hold no space; what may hold one stands last.

export const sessionKey = (tenant: string, session: string) => `${tenant} ${session}`
export const visitorKey = (tenant: string, visitor: string, site: string) => `${tenant} ${visitor} ${site}`
export const numberKey = (tenant: string, number: string) => `${tenant} ${number}`
export const callKey = (tenant: string, carrier: string, call: string) => `${tenant} ${carrier} ${call}`
export const callerKey = (tenant: string, a: string) => `${tenant} ${a}`

/** The tenant's own part of a key. */
export function tenantOf(key: string): string {
  return key.slice(0, key.indexOf(' '))
}
