import { expect, test } from 'vitest'
import { erlangB, erlangByStretch, loadOf } from './erlangB.ts'

/** The load at which so many numbers lose this share. */
function loadAt(numbers: number, loss: number): number {
  let [low, high] = [0, 4 * numbers]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (erlangB(numbers, middle) < loss) low = middle
    else high = middle
  }
  return low
}

// T. S. Rappaport, Wireless Communications: Principles and Practice, table 3.4, “Capacity of an Erlang B System”.
test.each([
  [2, [0.153, 0.105, 0.065, 0.046]],
  [4, [0.869, 0.701, 0.535, 0.439]],
  [5, [1.36, 1.13, 0.9, 0.762]],
  [10, [4.46, 3.96, 3.43, 3.09]],
  [20, [12.0, 11.1, 10.1, 9.41]],
  [24, [15.3, 14.2, 13.0, 12.2]],
  [40, [29.0, 27.3, 25.7, 24.5]],
  [70, [56.1, 53.7, 51.0, 49.2]],
  [100, [84.1, 80.9, 77.4, 75.2]],
])('%i numbers carry what the published table says at 1, 0.5, 0.2 and 0.1 %%', (numbers, loads) => {
  const losses = [0.01, 0.005, 0.002, 0.001]
  // The table rounds to three figures, and cuts some of them off.
  for (const [place, load] of loads.entries())
    expect(loadAt(numbers, losses[place] as number) / load).toBeCloseTo(1, 1.95)
})

test('15 lines at 1 % carry 8.108 Erlang, as erlang.com’s calculator manual has it', () => {
  expect(loadAt(15, 0.01)).toBeCloseTo(8.108, 3)
})

test('it stays a share for pools and loads of any size', () => {
  expect(erlangB(100_000, 100_000)).toBeCloseTo(0.00252, 5)
  expect(erlangB(100_000, 10)).toBe(0)
  expect(erlangB(1, 1e9)).toBeCloseTo(1, 6)
  expect(erlangB(5, 0)).toBe(0)
  expect(erlangB(0, 3)).toBe(1)
})

test('hours count by how many came in them', () => {
  const hour = 3_600_000
  const quiet = { count: 10, lastingMs: hour }
  const busy = { count: 90, lastingMs: hour }
  const holdMs = hour / 10
  expect(loadOf(busy, holdMs)).toBeCloseTo(9)
  const expected = (10 * erlangB(5, 1) + 90 * erlangB(5, 9)) / 100
  expect(erlangByStretch(5, holdMs, [quiet, busy])).toBeCloseTo(expected, 12)
  expect(erlangByStretch(5, holdMs, [])).toBe(0)
})
