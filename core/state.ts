import { fileAll, rememberedCall } from './due.ts'
import { freeAt } from './life.ts'
import { limits } from './limits.ts'
import { createNames, nameAll, type TenantNames } from './names.ts'
import type { CallRecord } from './outcome.ts'
import type { PoolPolicy, Segments, SitePolicy, StaticPolicy, TargetPolicy, TenantPolicy } from './policy.ts'
import { LazyQueue } from './queue.ts'
import type {
  Caller,
  CallRow,
  Ended,
  NumberRecord,
  PolicyRow,
  Producer,
  Restriction,
  Session,
  Visitor,
} from './records.ts'
import { Table, TenantTable } from './tables.ts'
import { type KeptCall, wholeCall } from './wholeCall.ts'
import type { LogTime, PhoneNumber } from './words.ts'

/** The version of the rules in RULES.md that this code applies. Result ids end in it. */
export const rulesVersion = 2

/** The bounds that the rules name. Tests and the simulator make them small, so that a short log reaches them. */
export type Bounds = {
  readonly spansPerSessionMax: number
  readonly tabsPerSessionMax: number
  readonly clicksPerSessionMax: number
  readonly touchesPerSessionMax: number
  readonly claimsPerNumberMax: number
  readonly candidatesMax: number
  readonly callsPerCallerMax: number
  readonly producerWindow: number
  readonly endPerPulseMax: number
  readonly forgetPerPulseMax: number
  readonly sessionsPerTenantMax: number
  readonly callsPerTenantMax: number
  readonly callersPerTenantMax: number
  readonly restrictedPerTenantMax: number
  readonly producersMax: number
}

/**
 * One partition in memory: tables, which are stored, and what is derived from them, which is not. `evolve.ts` is the only
 * code that changes it.
 */
export type State = {
  now: LogTime
  readonly bounds: Bounds
  readonly tables: {
    readonly clock: Table<LogTime>
    readonly policies: Table<PolicyRow>
    readonly producers: Table<Producer>
    readonly sessions: TenantTable<Session>
    readonly visitors: TenantTable<Visitor>
    readonly numbers: TenantTable<NumberRecord>
    readonly calls: TenantTable<CallRow>
    readonly callers: TenantTable<Caller>
    readonly restricted: TenantTable<Restriction>
    readonly ended: Table<Ended>
  }
  readonly tenants: Map<string, TenantIndex>
  /** The tenants in the order of their ids. */
  inOrder: readonly TenantIndex[]
  /** Producers, by when they are forgotten. */
  readonly silences: LazyQueue<string>
}

export type TableName = keyof State['tables']

/** What is derived for one tenant: its policy laid out for looking things up, its rows, and what of them is due when. */
export type TenantIndex = {
  readonly id: string
  readonly bounds: Bounds
  readonly policy: TenantPolicy
  readonly targets: ReadonlyMap<string, TargetPolicy>
  /** What a site shows where its page names no targets. */
  readonly sites: ReadonlyMap<string, readonly TargetPolicy[]>
  readonly pools: ReadonlyMap<string, Pool>
  readonly poolOfNumber: ReadonlyMap<PhoneNumber, Pool>
  readonly statics: ReadonlyMap<PhoneNumber, StaticPolicy>
  readonly sessions: Table<Session>
  readonly visitors: Table<Visitor>
  readonly numbers: Table<NumberRecord>
  readonly calls: Table<CallRow>
  readonly callers: Table<Caller>
  readonly restricted: Table<Restriction>
  readonly due: Due
  /** The carriers that reported calls. */
  readonly carriers: Set<string>
  /** Where people are named. */
  readonly names: TenantNames
}

/** Keys of rows, by when their time is over. */
export type Due = {
  /** Sessions whose end was not announced, by when they cannot be continued any more. */
  readonly ends: LazyQueue<string>
  /** Sessions whose end was announced, calls and callers, by when they are forgotten. */
  readonly sessions: LazyQueue<string>
  readonly calls: LazyQueue<string>
  readonly callers: LazyQueue<string>
}

export type Pool = {
  readonly policy: PoolPolicy
  /** The target that it serves. */
  readonly target: TargetPolicy | null
  readonly numbers: readonly PhoneNumber[]
  readonly places: ReadonlyMap<PhoneNumber, number>
  /** Places in the pool, by when their number is free: equals go by place. */
  readonly free: LazyQueue<number>
  readonly freeAt: (place: number) => number
}

export function createState(bounds: Bounds = limits): State {
  return {
    now: 0 as LogTime,
    bounds,
    tables: {
      clock: new Table(),
      policies: new Table(),
      producers: new Table(),
      sessions: new TenantTable(),
      visitors: new TenantTable(),
      numbers: new TenantTable(),
      calls: new TenantTable(),
      callers: new TenantTable(),
      restricted: new TenantTable(),
      ended: new Table(),
    },
    tenants: new Map(),
    inOrder: [],
    silences: new LazyQueue(),
  }
}

/**
 * Rebuilds the state from stored rows: it behaves exactly as the one that was saved. Rows of a tenant without a policy are
 * of one that has ended, and not all have left the store.
 */
export function restoreState(
  rows: Iterable<{ table: TableName; key: string; value: unknown }>,
  bounds: Bounds = limits,
): State {
  const state = createState(bounds)
  for (const { table, key, value } of rows) {
    const target = state.tables[table] as Table<unknown>
    target.restore(key, table === 'calls' ? wholeCall(value as KeptCall) : value)
  }
  for (const table of tenantTables(state))
    for (const tenant of table.tenants()) if (!state.tables.policies.has(tenant)) table.of(tenant).clear()
  state.now = state.tables.clock.get('now') ?? (0 as LogTime)
  for (const [tenant, row] of state.tables.policies.entries()) indexPolicy(state, tenant, row.policy)
  for (const [producer] of state.tables.producers.entries()) state.silences.file(producer, 0)
  return state
}

type AnyTable = Pick<Table<unknown>, 'entries' | 'takeChanges' | 'size' | 'isLeaving'>
type AnyTenantTable = Pick<TenantTable<unknown>, 'tenants' | 'of'>

/** Those that hold a tenant's own rows. */
export function tenantTables({ tables }: State): AnyTenantTable[] {
  const { sessions, visitors, numbers, calls, callers, restricted } = tables
  return [sessions, visitors, numbers, calls, callers, restricted]
}

/** Every table by name, for the store. */
export function tablesOf(state: State): [TableName, AnyTable][] {
  return Object.entries(state.tables) as [TableName, AnyTable][]
}

/** Lays out a policy, in place of the tenant's earlier one. */
export function indexPolicy(state: State, tenant: string, policy: TenantPolicy): void {
  const { tables, tenants } = state
  const before = tenants.get(tenant)
  const numbers = tables.numbers.of(tenant)
  const targets = new Map(policy.targets.map(target => [target.id, target]))
  const pools = new Map<string, Pool>()
  const poolOfNumber = new Map<PhoneNumber, Pool>()
  const index: TenantIndex = {
    id: tenant,
    bounds: state.bounds,
    policy,
    targets,
    sites: new Map(policy.sites.map(site => [site.key, targetsOf(site, targets)])),
    pools,
    poolOfNumber,
    statics: new Map(policy.statics.map(one => [one.number, one])),
    sessions: tables.sessions.of(tenant),
    visitors: tables.visitors.of(tenant),
    numbers,
    calls: tables.calls.of(tenant),
    callers: tables.callers.of(tenant),
    restricted: tables.restricted.of(tenant),
    due: before?.due ?? {
      ends: new LazyQueue(),
      sessions: new LazyQueue(),
      calls: new LazyQueue(),
      callers: new LazyQueue(),
    },
    carriers: before?.carriers ?? new Set(),
    names: before?.names ?? createNames(),
  }
  for (const pool of policy.pools) layPool(index, pool, pools, poolOfNumber)
  tenants.set(tenant, index)
  if (before === undefined) nameAll(index)
  state.inOrder = [...tenants.values()].sort((one, other) => (one.id < other.id ? -1 : 1))
  if (before === undefined || isDueEarlier(before.policy, policy)) fileAll(index)
}

/** With a shorter time what was filed for later may be due before. */
function isDueEarlier(before: TenantPolicy, after: TenantPolicy): boolean {
  return after.retentionMs < before.retentionMs || after.latenessMs !== before.latenessMs
}

function targetsOf(site: SitePolicy, targets: ReadonlyMap<string, TargetPolicy>): TargetPolicy[] {
  return [...new Set(site.targets)].flatMap(id => targets.get(id) ?? [])
}

/** A pool serves the first target that names it, also in a segment; a number in two pools belongs to the first (rules A2, A9). */
function layPool(
  index: TenantIndex,
  policy: PoolPolicy,
  pools: Map<string, Pool>,
  poolOfNumber: Map<PhoneNumber, Pool>,
): void {
  const numbers = [...new Set(policy.numbers)].filter(number => !poolOfNumber.has(number))
  const target = index.policy.targets.find(one => names(one, policy.id)) ?? null
  const pool: Pool = {
    policy,
    target,
    numbers,
    places: new Map(numbers.map((number, place) => [number, place])),
    free: new LazyQueue(),
    freeAt: place => freeAt(index, index.numbers.get(numbers[place] as PhoneNumber)),
  }
  numbers.forEach((number, place) => {
    pool.free.file(place, 0)
    poolOfNumber.set(number, pool)
  })
  if (!pools.has(policy.id)) pools.set(policy.id, pool)
}

function names({ pool, segments = [] }: TargetPolicy, id: string): boolean {
  return pool === id || segments.some(segment => segment.pool === id)
}

/** The pool whose numbers a target shows to a session of these segments (rules A2 and A9). */
export function poolFor(index: TenantIndex, target: TargetPolicy, segments: Segments = {}): Pool | null {
  const segment = target.segments?.find(one => one.id === segments[target.id])
  const id = segment === undefined ? target.pool : segment.pool
  const pool = id === null ? undefined : index.pools.get(id)
  return pool?.target?.id === target.id ? pool : null
}

// Site keys, carriers and random ids hold no space; what may hold one stands last.
export const visitorKey = (site: string, visitor: string) => `${site} ${visitor}`
export const callKey = (carrier: string, call: string) => `${carrier} ${call}`

/** The records of a call id: one for each carrier that used it. */
export function callsById(state: State, tenant: string, call: string): CallRecord[] {
  const index = state.tenants.get(tenant)
  if (index === undefined) return []
  return [...index.carriers].flatMap(
    carrier => rememberedCall(index, callKey(carrier, call), state.now) ?? [],
  )
}

export function policyVersions(state: State): Record<string, string> {
  return Object.fromEntries(
    [...state.tables.policies.entries()].map(([tenant, row]) => [tenant, row.version]),
  )
}

export function policiesOf(state: State): TenantPolicy[] {
  return state.inOrder.map(index => index.policy)
}
