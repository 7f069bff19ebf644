import type { CallRecord } from './outcome.ts'
import type { PoolPolicy, StaticPolicy, TargetPolicy, TenantPolicy } from './policy.ts'
import { LazyQueue } from './queue.ts'
import type { Caller, CallRow, NumberRecord, PolicyRow, Producer, Session, Visitor } from './records.ts'
import { Table } from './tables.ts'
import type { LogTime, PhoneNumber } from './words.ts'

/** The version of the rules in RULES.md that this code applies. Result ids end in it. */
export const rulesVersion = 1

/** One partition in memory. `evolve.ts` is the only code that changes it; queues and indexes are derived from the tables. */
export type State = {
  now: LogTime
  readonly tables: {
    readonly clock: Table<LogTime>
    readonly policies: Table<PolicyRow>
    readonly sessions: Table<Session>
    readonly visitors: Table<Visitor>
    readonly numbers: Table<NumberRecord>
    readonly calls: Table<CallRow>
    readonly callers: Table<Caller>
    readonly producers: Table<Producer>
  }
  readonly tenants: Map<string, TenantIndex>
  readonly ends: LazyQueue
  readonly forgets: LazyQueue
  readonly callKeys: Map<string, string[]>
}

export type TableName = keyof State['tables']

/** A tenant's policy, laid out for looking things up. */
export type TenantIndex = {
  readonly policy: TenantPolicy
  readonly targets: ReadonlyMap<string, TargetPolicy>
  readonly pools: ReadonlyMap<string, PoolPolicy>
  readonly targetOfPool: ReadonlyMap<string, TargetPolicy>
  readonly poolOfNumber: ReadonlyMap<PhoneNumber, PoolPolicy>
  readonly statics: ReadonlyMap<PhoneNumber, StaticPolicy>
  /** Numbers by the moment they are free; keys begin with their place in the pool, which decides between equals. */
  readonly free: ReadonlyMap<string, LazyQueue>
}

export function createState(): State {
  return {
    now: 0 as LogTime,
    tables: {
      clock: new Table(),
      policies: new Table(),
      sessions: new Table(),
      visitors: new Table(),
      numbers: new Table(),
      calls: new Table(),
      callers: new Table(),
      producers: new Table(),
    },
    tenants: new Map(),
    ends: new LazyQueue(),
    forgets: new LazyQueue(),
    callKeys: new Map(),
  }
}

/** Rebuilds the state from stored rows: it behaves exactly as the one that was saved. */
export function restoreState(rows: Iterable<{ table: TableName; key: string; value: unknown }>): State {
  const state = createState()
  for (const { table, key, value } of rows) {
    const target = state.tables[table] as Table<unknown>
    target.restore(key, value)
  }
  state.now = state.tables.clock.get('now') ?? (0 as LogTime)
  for (const [tenant, row] of state.tables.policies.entries()) indexPolicy(state, tenant, row.policy)
  for (const key of state.tables.sessions.entries()) fileSession(state, key[0])
  for (const key of state.tables.visitors.entries()) state.forgets.file(`visitors ${key[0]}`, 0)
  for (const key of state.tables.callers.entries()) state.forgets.file(`callers ${key[0]}`, 0)
  for (const key of state.tables.producers.entries()) state.forgets.file(`producers ${key[0]}`, 0)
  for (const [key, row] of state.tables.calls.entries()) fileCall(state, key, row)
  return state
}

/** Every table by name, for the store. */
export function tablesOf(state: State): [TableName, Table<unknown>][] {
  return Object.entries(state.tables) as [TableName, Table<unknown>][]
}

export function fileSession(state: State, session: string): void {
  state.ends.file(session, 0)
  state.forgets.file(`sessions ${session}`, 0)
}

export function fileCall(state: State, key: string, row: CallRow): void {
  state.forgets.file(`calls ${key}`, 0)
  const id = `${row.tenant} ${row.record.call}`
  const keys = state.callKeys.get(id) ?? []
  if (!keys.includes(key)) keys.push(key)
  state.callKeys.set(id, keys)
}

/** Lays out a policy. Every number of a pool gets its one entry in the pool's queue. */
export function indexPolicy(state: State, tenant: string, policy: TenantPolicy): void {
  const free = new Map<string, LazyQueue>()
  const poolOfNumber = new Map<PhoneNumber, PoolPolicy>()
  for (const pool of policy.pools) {
    const queue = new LazyQueue()
    pool.numbers.forEach((number, place) => {
      queue.file(`${String(place).padStart(7, '0')} ${number}`, 0)
      poolOfNumber.set(number, pool)
    })
    free.set(pool.id, queue)
  }
  const withPool = policy.targets.filter(target => target.pool !== null)
  state.tenants.set(tenant, {
    policy,
    targets: new Map(policy.targets.map(target => [target.id, target])),
    pools: new Map(policy.pools.map(pool => [pool.id, pool])),
    targetOfPool: new Map(withPool.map(target => [target.pool as string, target])),
    poolOfNumber,
    statics: new Map(policy.statics.map(one => [one.number, one])),
    free,
  })
}

export const visitorKey = (tenant: string, site: string, visitor: string) => `${tenant} ${site} ${visitor}`
export const numberKey = (tenant: string, number: string) => `${tenant} ${number}`
export const callKey = (tenant: string, carrier: string, call: string) => `${tenant} ${carrier} ${call}`
export const callerKey = (tenant: string, a: string) => `${tenant} ${a}`

/** The records of a call id: one for each carrier that used it. */
export function callsById(state: State, tenant: string, call: string): CallRecord[] {
  const keys = state.callKeys.get(`${tenant} ${call}`) ?? []
  return keys.flatMap(key => state.tables.calls.get(key)?.record ?? [])
}

export function policyVersions(state: State): Record<string, string> {
  return Object.fromEntries(
    [...state.tables.policies.entries()].map(([tenant, row]) => [tenant, row.version]),
  )
}

export function policiesOf(state: State): TenantPolicy[] {
  return [...state.tenants.values()].map(index => index.policy)
}
