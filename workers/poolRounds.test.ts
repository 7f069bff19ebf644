import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEnvironment } from '../config/lmdb.ts'
import { pack } from '../config/pack.ts'
import { openToRead } from '../config/reading.ts'
import { poolStats } from '../core/poolStats.ts'
import type { PoolPolicy } from '../core/policy.ts'
import { policyOf, tell } from '../core/story.ts'
import { createState, indexPolicy } from '../core/state.ts'
import { poolMoments } from './poolMoments.ts'
import { keepPoolMoments } from './poolRounds.ts'
import { openStore } from './store.ts'

/** A store, and the same as somebody sees it who only reads. */
function openBoth() {
  const folder = mkdtempSync(join(tmpdir(), 'ringtrail-'))
  const store = openStore(folder, 0)
  const rows = openToRead<(string | number)[]>(join(folder, 'partitions', '000'))
  const close = async () => {
    await rows.close()
    await store.close()
    rmSync(folder, { recursive: true })
  }
  /** As whoever answers questions does: what is committed by now is seen. */
  const momentsOf = (asked: Parameters<typeof poolMoments>[1]) => {
    rows.freshen()
    return poolMoments(rows, asked)
  }
  return { store, momentsOf, close }
}

test('how a pool stood is kept as long as the tenant’s data, and goes with the tenant', async () => {
  const { store, momentsOf, close } = openBoth()
  const state = createState()
  const numbers = Array.from({ length: 1_200 }, (_, at) => `+4570${String(at).padStart(6, '0')}`)
  const pool = { id: 'sales', numbers }
  const policy = { tenant: 'acme', retentionMs: 10_000, pools: [pool], sites: [], targets: [], statics: [] }
  state.tables.policies.set('acme', { version: '1', policy: policy as never })
  indexPolicy(state, 'acme', policy as never)
  for (const atMs of [5_000, 10_000, 15_000, 20_000]) await keepPoolMoments({ state, store }, atMs)
  const asked = { tenant: 'acme', pool: 'sales', fromMs: 0, toMs: 30_000, most: 2 }
  const { moments, next } = momentsOf(asked)
  expect(moments.map(({ atMs }) => atMs)).toEqual([10_000, 15_000])
  const [{ assigned, tail, coolingDown: cooling, free, size, draining } = {}] = poolStats(
    state,
    'acme',
    10_000,
  )
  expect(moments[0]).toEqual({ atMs: 10_000, assigned, tail, cooling, free, size, draining })
  expect([size, free, next]).toEqual([1_200, 1_200, 20_000])
  expect(store.rowsLeft('acme', 0)).toBe(3)
  expect(await store.removePoolMoments('acme', 15_000, 100)).toBe(2)
  expect(momentsOf({ ...asked, pool: 'other' }).moments).toEqual([])
  await close()
})

test('a number that was taken out is counted as draining while it is held, also of a pool that is gone', async () => {
  const { store, momentsOf, close } = openBoth()
  const { pools, ...policy } = policyOf(3)
  const [pool] = pools
  if (pool === undefined) throw new Error('a policy without a pool')
  const story = tell({ ...policy, pools })
  const standsAt = async (second: number) => {
    await keepPoolMoments({ state: story.state(), store }, second * 1_000)
    const asked = { tenant: 'acme', pool: 'sales', fromMs: second * 1_000, toMs: second * 1_000 + 1, most: 1 }
    return momentsOf(asked).moments[0]
  }
  const change = (second: number, changed: readonly PoolPolicy[]) =>
    story.at(second, {
      kind: 'configured',
      tenant: 'acme',
      version: `v${second}`,
      policy: { ...policy, targets: changed.length === 0 ? [] : policy.targets, pools: changed },
    })
  for (const who of ['anna', 'bo']) story.hello(1, who)
  expect(await standsAt(1)).toMatchObject({ size: 3, assigned: 2, free: 1, draining: 0 })
  change(2, [{ ...pool, numbers: pool.numbers.slice(1) }])
  expect(await standsAt(2)).toMatchObject({ size: 2, assigned: 1, free: 1, draining: 1 })
  change(3, [])
  expect(await standsAt(3)).toMatchObject({ size: 0, assigned: 0, draining: 2 })
  story.pulse(300)
  expect(await standsAt(300)).toBeUndefined()
  await close()
})

test('where nothing happens any more, numbers are free when their cool-down is over', async () => {
  const { store, momentsOf, close } = openBoth()
  const story = tell(policyOf(3))
  story.hello(1, 'anna')
  const { now } = story.state()
  for (const atMs of [now, now + 300_000]) await keepPoolMoments({ state: story.state(), store }, atMs)
  const asked = { tenant: 'acme', pool: 'sales', fromMs: now, toMs: now + 300_001, most: 2 }
  const { moments } = momentsOf(asked)
  expect(moments).toMatchObject([
    { assigned: 1, free: 2 },
    { assigned: 0, tail: 0, cooling: 0, free: 3 },
  ])
  await close()
})

test('a moment that an older version kept says that draining numbers were not counted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtrail-'))
  const root = openEnvironment<(string | number)[]>(join(folder, 'store'))
  root.putSync(['pool', 'acme', 'sales', 5], pack([3, 1, 0, 0, 2]))
  const { moments } = poolMoments(root, { tenant: 'acme', pool: 'sales', fromMs: 0, toMs: 9, most: 2 })
  expect(moments).toEqual([{ atMs: 5, size: 3, assigned: 1, tail: 0, cooling: 0, free: 2, draining: null }])
  await root.close()
  rmSync(folder, { recursive: true })
})
