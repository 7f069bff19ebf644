import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openToRead } from '../config/reading.ts'
import { poolStats } from '../core/poolStats.ts'
import { createState, indexPolicy } from '../core/state.ts'
import { poolMoments } from './poolMoments.ts'
import { keepPoolMoments } from './poolRounds.ts'
import { openStore } from './store.ts'

test('how a pool stood is kept as long as the tenant’s data, and goes with the tenant', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtrail-'))
  const store = openStore(folder, 0)
  const state = createState()
  const numbers = Array.from({ length: 1_200 }, (_, at) => `+4570${String(at).padStart(6, '0')}`)
  const pool = { id: 'sales', numbers }
  const policy = { tenant: 'acme', retentionMs: 10_000, pools: [pool], sites: [], targets: [], statics: [] }
  state.tables.policies.set('acme', { version: '1', policy: policy as never })
  indexPolicy(state, 'acme', policy as never)
  for (const atMs of [5_000, 10_000, 15_000, 20_000]) await keepPoolMoments({ state, store }, atMs)
  const rows = openToRead<(string | number)[]>(join(folder, 'partitions', '000'))
  const asked = { tenant: 'acme', pool: 'sales', fromMs: 0, toMs: 30_000, most: 2 }
  const { moments, next } = poolMoments(rows, asked)
  expect(moments.map(({ atMs }) => atMs)).toEqual([10_000, 15_000])
  const [{ assigned, tail, coolingDown: cooling, free, size } = {}] = poolStats(state, 'acme')
  expect(moments[0]).toEqual({ atMs: 10_000, assigned, tail, cooling, free, size })
  expect([size, free, next]).toEqual([1_200, 1_200, 20_000])
  expect(store.rowsLeft('acme', 0)).toBe(3)
  expect(await store.removePoolMoments('acme', 15_000, 100)).toBe(2)
  expect(poolMoments(rows, { ...asked, pool: 'other' }).moments).toEqual([])
  await rows.close()
  await store.close()
  rmSync(folder, { recursive: true })
})
