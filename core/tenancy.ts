import { Heap } from './heap.ts'
import { createDue, type Due, type Pool, type State, type Tenant } from './memory.ts'
import type { PoolPolicy, SitePolicy, TargetPolicy, TenantPolicy } from './policy.ts'
import { freeAt } from './timeline.ts'
import type { PhoneNumber } from './words.ts'

/**
 * Everything that is derived for one tenant from its policy and the tables. `due` is kept where only the policy changed.
 * A number that stands in two pools belongs to the first.
 */
export function createTenant(state: State, policy: TenantPolicy, due: Due = createDue()): Tenant {
  const targets = new Map(policy.targets.map(target => [target.id, target]))
  const poolOfNumber = new Map<PhoneNumber, Pool>()
  const pools = new Map<string, Pool>()
  for (const pool of policy.pools) pools.set(pool.id, createPool(state, policy, pool, poolOfNumber))
  return {
    policy,
    targets,
    sites: new Map(policy.sites.map(site => [site.key, targetsOf(site, targets)])),
    statics: new Map(policy.statics.map(entry => [entry.number, entry])),
    pools,
    poolOfNumber,
    due,
  }
}

function createPool(
  state: State,
  policy: TenantPolicy,
  pool: PoolPolicy,
  poolOfNumber: Map<PhoneNumber, Pool>,
): Pool {
  const numbers = [...new Set(pool.numbers)].filter(number => !poolOfNumber.has(number))
  const places = new Map<string, number>(numbers.map((number, place) => [number, place]))
  const free = new Heap((a, b) => (places.get(a) as number) < (places.get(b) as number))
  const target = policy.targets.find(candidate => candidate.pool === pool.id) ?? null
  const made: Pool = { policy: pool, target, free }
  for (const number of numbers) {
    poolOfNumber.set(number, made)
    free.set(number, freeAt(state, policy.tenant, number))
  }
  return made
}

function targetsOf(site: SitePolicy, targets: ReadonlyMap<string, TargetPolicy>): TargetPolicy[] {
  const known = [...new Set(site.targets)].map(id => targets.get(id))
  return known.filter(target => target !== undefined)
}

/** The pool that serves a target: the first target that names a pool has it (rule A2). */
export function poolFor(tenant: Tenant, target: TargetPolicy): Pool | null {
  const pool = target.pool === null ? undefined : tenant.pools.get(target.pool)
  return pool?.target?.id === target.id ? pool : null
}

/** The tenants of a partition in the order of their ids, so that the order of a map never decides. */
export function tenantsInOrder(state: State): Tenant[] {
  const ids = [...state.tenants.keys()].sort()
  return ids.map(id => state.tenants.get(id) as Tenant)
}
