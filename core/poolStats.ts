import { endOf, quietAt, sessionOf } from './life.ts'
import type { State, TenantIndex } from './state.ts'
import type { PhoneNumber } from './words.ts'

export type PoolStats = {
  pool: string
  size: number
  assigned: number
  tail: number
  coolingDown: number
  free: number
}

/** How a tenant's pools stand now. Looks at every number: for when somebody looks, not per event. */
export function poolStats(state: State, tenant: string): PoolStats[] {
  const index = state.tenants.get(tenant)
  if (index === undefined) return []
  return index.policy.pools.map(pool => {
    const stats = { pool: pool.id, size: pool.numbers.length, assigned: 0, tail: 0, coolingDown: 0, free: 0 }
    for (const number of pool.numbers) stats[standing(index, number, state.now)] += 1
    return stats
  })
}

type Standing = 'assigned' | 'tail' | 'coolingDown' | 'free'

function standing(index: TenantIndex, number: PhoneNumber, now: number): Standing {
  let found: Standing = 'free'
  for (const claim of index.numbers.get(number)?.claims ?? []) {
    const session = sessionOf(index, claim)
    const quietMs = quietAt(claim, session, now)
    if (quietMs >= 0 && quietMs < claim.idleMs) return 'assigned'
    if (quietMs >= 0 && quietMs < claim.idleMs + claim.tailMs) found = 'tail'
    else if (found === 'free' && endOf(claim, session) > now) found = 'coolingDown'
  }
  return found
}
