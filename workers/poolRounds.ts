import { limits } from '../core/limits.ts'
import { drainsFrom, standings } from '../core/poolStats.ts'
import type { PoolPolicy } from '../core/policy.ts'
import { policiesOf, type State } from '../core/state.ts'
import { isCurrent, type Partition } from './partition.ts'
import { createRests, repeat } from './rounds.ts'

const lookEveryMs = 5_000
/** Well under a millisecond of work: so long others wait at most. */
const numbersAtOnce = 512

/** Keeps how each pool stood, every few minutes, so that somebody can look back. */
export function startPoolMoments(partition: Partition): () => Promise<void> {
  let last = momentOf(Date.now())
  return repeat(
    async () => {
      const atMs = momentOf(Date.now())
      if (atMs === last || partition.stopped !== null || !isCurrent(partition)) return
      last = atMs
      await keepPoolMoments(partition, atMs)
    },
    lookEveryMs,
    () => partition.counts.add('ringtrail_commit_failures_total', []),
  )
}

const momentOf = (now: number) => now - (now % limits.poolMomentEveryMs)

/**
 * A row for each pool, counted a little at a time: what changes meanwhile may be in it or not. A pool that was taken out
 * has one as long as somebody holds a number of it. As of the moment: where nothing happens, the log's time stands still,
 * and numbers come to the end of their cool-down all the same.
 */
export async function keepPoolMoments(
  { state, store }: Pick<Partition, 'state' | 'store'>,
  atMs: number,
): Promise<void> {
  for (const { tenant, retentionMs, pools } of policiesOf(state)) {
    const draining = await countDraining(state, tenant, atMs)
    const ids = pools.map(({ id }) => id)
    const gone = [...draining.keys()].filter(id => !ids.includes(id)).map(id => ({ id, numbers: [] }))
    for (const { id, numbers } of [...pools, ...gone]) {
      const counted = await countPool(state, tenant, numbers, atMs)
      if (counted === null) break
      const { coolingDown: cooling, ...rest } = counted
      const others = { size: numbers.length, cooling, draining: draining.get(id) ?? 0 }
      await store.putPoolMoment(tenant, { pool: id, atMs, ...rest, ...others }, atMs - retentionMs)
    }
  }
}

/** null: the tenant has ended meanwhile. */
async function countPool(
  state: State,
  tenant: string,
  numbers: PoolPolicy['numbers'],
  atMs: number,
): Promise<ReturnType<typeof standings> | null> {
  const sums = { assigned: 0, tail: 0, coolingDown: 0, free: 0 }
  const rest = createRests()
  for (let from = 0; from < numbers.length; from += numbersAtOnce) {
    const index = state.tenants.get(tenant)
    if (index === undefined) return null
    const some = standings(Math.max(state.now, atMs), index, numbers.slice(from, from + numbersAtOnce))
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += some[name]
    if (from + numbersAtOnce < numbers.length) await rest()
  }
  return state.tenants.has(tenant) ? sums : null
}

/** By pool, the numbers that were taken out of it while somebody holds them. */
async function countDraining(
  state: State,
  tenant: string,
  atMs: number,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  const rest = createRests()
  let looked = 0
  for (const record of state.tenants.get(tenant)?.numbers.values() ?? []) {
    looked += 1
    if (looked % numbersAtOnce === 0) await rest()
    const index = state.tenants.get(tenant)
    if (index === undefined) break
    const pool = drainsFrom(Math.max(state.now, atMs), index, record)
    if (pool !== null) found.set(pool, (found.get(pool) ?? 0) + 1)
  }
  return found
}
