import { expect, test } from 'vitest'
import { createChance } from '../load/chance.ts'
import { arrivals } from './arrivals.ts'
import { figuresOf, median } from './figures.ts'
import { measureRounds, ratiosOf, type Measured, type Round } from './rounds.ts'

const figures = (p50: number, p99: number) => ({ count: 1, p50, p99, p999: p99, max: p99 })

function round(lazy: number, durable: number, durableP99: number): Round {
  const floor = figures(100, 200)
  return {
    bare: floor,
    floorLazy: floor,
    floorDurable: floor,
    lazy: figures(lazy, 300),
    durable: figures(durable, durableP99),
  }
}

test('a target is met by the median of the ratios of the rounds, and not by one round', () => {
  const found = ratiosOf([round(160, 140, 500), round(170, 160, 401), round(900, 150, 100)])
  expect(found.slice(0, 3).map(({ of, met }) => [of, met])).toEqual([
    [1.7, true],
    [1.5, true],
    [2.005, false],
  ])
  expect(found[0]).toMatchObject({ lowest: 1.6, highest: 9 })
})

test('a round measures everything once, and rounds differ in order', async () => {
  const order: string[] = []
  const measure = (name: Measured) => async (count: number) => {
    order.push(name)
    return Array.from({ length: count }, () => 1)
  }
  const names: Measured[] = ['bare', 'floorLazy', 'floorDurable', 'lazy', 'durable']
  const measures = Object.fromEntries(names.map(name => [name, measure(name)])) as Parameters<
    typeof measureRounds
  >[0]
  const { medians } = await measureRounds(measures, { rounds: 4, perRound: 3, warmUp: 1 }, createChance(1))
  const rounds = [1, 2, 3, 4].map(at => order.slice(at * 5, at * 5 + 5))
  for (const one of rounds) expect(one.toSorted()).toEqual(names.toSorted())
  expect(new Set(rounds.map(one => one.join())).size).toBeGreaterThan(1)
  expect(medians.lazy.count).toBe(12)
})

test('latencies in milliseconds become percentiles in microseconds', () => {
  const found = figuresOf(Array.from({ length: 1_000 }, (_, at) => (at + 1) / 1_000))
  expect(found.count).toBe(1_000)
  expect(Math.abs(found.p50 - 500)).toBeLessThanOrEqual(2)
  expect(Math.abs(found.p99 - 990)).toBeLessThanOrEqual(2)
  expect(median([4, 1, 3])).toBe(3)
  expect(median([4, 1])).toBe(2.5)
})

test('a schedule has the rate that was asked for, grows, and is the same for the same seed', () => {
  const moments = arrivals(200, 60, createChance(7))
  expect(Math.abs(moments.length - 12_000)).toBeLessThan(500)
  expect(moments).toEqual(moments.toSorted((a, b) => a - b))
  expect(moments).toEqual(arrivals(200, 60, createChance(7)))
  expect(createChance(3).shuffled([1, 2, 3]).toSorted()).toEqual([1, 2, 3])
})
