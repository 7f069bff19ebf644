import { expect, test } from 'vitest'
import { shareOf } from './bootstrap.ts'

const blocks = (count: number, hits: (place: number) => number) =>
  Array.from({ length: count }, (_, place) => ({ hits: hits(place), of: 100 }))

test('the same figures give the same interval', () => {
  const some = blocks(48, place => (place * 7) % 30)
  expect(shareOf(some)).toEqual(shareOf(some))
})

test('it is as wide as blocks differ, whatever happens within them', () => {
  const even = shareOf(blocks(100, () => 10))
  expect(even).toEqual({ share: 0.1, low: 0.1, high: 0.1 })
  const uneven = shareOf(blocks(100, place => (place % 10 === 0 ? 100 : 0)))
  expect(uneven?.share).toBeCloseTo(0.1)
  // A tenth of 100 blocks: its deviation is 0.03, and 95 % lie within twice that.
  expect(uneven?.low).toBeGreaterThan(0.03)
  expect(uneven?.low).toBeLessThan(0.06)
  expect(uneven?.high).toBeGreaterThan(0.14)
  expect(uneven?.high).toBeLessThan(0.17)
})

test('of too few blocks nothing is said, and of nothing no share', () => {
  expect(shareOf(blocks(4, () => 50))).toEqual({ share: 0.5, low: null, high: null })
  expect(shareOf([{ hits: 0, of: 0 }])).toBeNull()
})
