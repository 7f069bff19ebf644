import { expect, test } from 'vitest'
import { createHorizon } from './trim.ts'

const minute = 60_000
const hour = 60 * minute
const all = [0, 1, 2, 3]

/** What each said, and when; then the lowest of all that may be relied on. */
function lowestAt(at: number, ...said: [owner: string, partitions: number[], lowest: number, at: number][]) {
  const horizon = createHorizon(4)
  for (const [owner, partitions, lowest, when] of said) horizon.hear({ owner, partitions, lowest }, when)
  return horizon.lowest(at)
}

test('one owner of all decides by its last word', () => {
  expect(lowestAt(2 * minute, ['a', all, 10, 0], ['a', all, 20, minute])).toBe(20)
})

test('the slowest of two owners decides', () => {
  expect(lowestAt(minute, ['a', all, 20, 0], ['b', all, 7, 0])).toBe(7)
})

test('of two workers that share the partitions neither trims what the other has not applied', () => {
  expect(lowestAt(minute, ['a', [0, 1], 20, 0], ['b', [2, 3], 7, 0])).toBe(7)
  expect(lowestAt(minute, ['a', [0, 1], 20, 0])).toBe(null)
})

test('the only owner of a partition is waited for as long as it stays away', () => {
  const dies = ['b', [2, 3], 7, 0] as [string, number[], number, number]
  expect(lowestAt(30 * minute, dies, ['a', [0, 1], 20, 30 * minute])).toBe(7)
  expect(lowestAt(48 * hour, dies, ['a', [0, 1], 20, 48 * hour])).toBe(null)
})

test('a standby that stays away is forgotten after an hour, and one that begins anew counts at once', () => {
  const stays = (at: number) => ['a', all, 20, at] as [string, number[], number, number]
  expect(lowestAt(hour, ['b', all, 7, 0], stays(hour))).toBe(7)
  expect(lowestAt(2 * hour, ['b', all, 7, 0], stays(2 * hour))).toBe(20)
  expect(lowestAt(hour, stays(hour), ['c', all, 0, hour])).toBe(0)
})
