import { limits } from '../core/limits.ts'
import { standings } from '../core/poolStats.ts'
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

/** A row for each pool, counted a little at a time: what changes meanwhile may be in it or not. */
export async function keepPoolMoments(
  { state, store }: Pick<Partition, 'state' | 'store'>,
  atMs: number,
): Promise<void> {
  for (const { tenant, retentionMs, pools } of policiesOf(state)) {
    for (const pool of pools) {
      const counted = await countPool(state, tenant, pool)
      if (counted === null) break
      const { coolingDown: cooling, ...rest } = counted
      const moment = { pool: pool.id, atMs, size: pool.numbers.length, cooling, ...rest }
      await store.putPoolMoment(tenant, moment, atMs - retentionMs)
    }
  }
}

/** null: the tenant has ended meanwhile. */
async function countPool(
  state: State,
  tenant: string,
  { numbers }: PoolPolicy,
): Promise<ReturnType<typeof standings> | null> {
  const sums = { assigned: 0, tail: 0, coolingDown: 0, free: 0 }
  const rest = createRests()
  for (let from = 0; from < numbers.length; from += numbersAtOnce) {
    const index = state.tenants.get(tenant)
    if (index === undefined) return null
    const some = standings(state, index, numbers.slice(from, from + numbersAtOnce))
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += some[name]
    if (from + numbersAtOnce < numbers.length) await rest()
  }
  return state.tenants.has(tenant) ? sums : null
}
