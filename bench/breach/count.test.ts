import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BreachCounts } from '../../core/breach.ts'
import { countBreach } from '../../workers/breachCount.ts'
import { Distinct } from '../../workers/distinct.ts'
import { openStore, type Store } from '../../workers/store.ts'
import { seededSpanMs, seededTenants, truthOf } from './seeded.ts'
import { fillStore } from './smallFill.ts'

const fromMs = Date.UTC(2026, 8, 1)
const seed = { rows: 30_000, fromMs }
let folder: string
let store: Store

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-breach-'))
  store = openStore(folder, 0)
  await fillStore(store, seed)
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const day = 86_400_000
const windows = [
  ['everything', fromMs, fromMs + seededSpanMs],
  ['one day', fromMs + 20 * day, fromMs + 21 * day],
  ['one hour', fromMs + 30 * day, fromMs + 30 * day + 3_600_000],
  ['before there was anything', 0, fromMs],
] as const

function figures({ rows: all, records, visitors, callers }: BreachCounts) {
  const counts = Object.entries(records).map(([kind, { count }]) => [kind, count] as const)
  return {
    rows: all,
    records: Object.fromEntries(counts),
    visitors: visitors.count,
    callers: callers.count,
  }
}

test.each(windows)('%s is counted as it is, for each tenant', async (_, from, to) => {
  for (const tenant of seededTenants) {
    const question = { tenant, fromMs: from, toMs: to, actors: null, sinceMs: 0 }
    const counts = await countBreach(store, question)
    expect(figures(counts), tenant).toEqual(truthOf(seed, { tenant, fromMs: from, toMs: to }))
    expect(counts.visitors.plusMinus).toBe(0)
    expect(counts.acted).toBeNull()
  }
})

test('a tenant that holds nothing has counts of nothing', async () => {
  const question = { tenant: 'nobody', fromMs: 0, toMs: fromMs * 2, actors: ['k'], sinceMs: 0 }
  const { acted, rows: all } = await countBreach(store, question)
  expect(all).toBe(0)
  expect(acted).toEqual({ actions: {}, records: 0, subjects: { count: 0, plusMinus: 0 }, uncounted: 0 })
})

test('others have their turn while it counts', async () => {
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
  }, 0)
  const question = { tenant: 'acme', fromMs: 0, toMs: fromMs * 2, actors: null, sinceMs: 0 }
  await countBreach(store, question)
  clearInterval(timer)
  expect(turns).toBeGreaterThan(3)
})

test('of more than a million different ones the count is within what it says, and it says little', () => {
  for (const [seed, many] of [
    [1, 1_048_576],
    [2, 1_500_000],
    [3, 3_000_000],
  ] as const) {
    const distinct = new Distinct(seed)
    for (let number = 0; number < many; number++) distinct.add(`visitor ${number}`)
    for (let number = 0; number < 1_000; number++) distinct.add(`visitor ${number}`)
    const { count, plusMinus } = distinct.count()
    expect(Math.abs(count - many)).toBeLessThanOrEqual(plusMinus)
    expect(plusMinus).toBeLessThanOrEqual(many * 0.004)
    if (many <= 1_048_576) expect([count, plusMinus]).toEqual([many, 0])
  }
})
