import { expect, test } from 'vitest'
import { createHorizon } from './trim.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Owners speak every minute from `from` to `to`, and the log is asked about once an hour. */
function told(
  owners: { owner: string; partitions: number[]; at: (t: number) => number | null }[],
  to: number,
) {
  const horizon = createHorizon(4, day)
  let before: number | null = null
  for (let now = 0; now <= to; now += 10 * minute) {
    for (const { owner, partitions, at } of owners) {
      const lowest = at(now)
      if (lowest !== null) horizon.hear({ owner, partitions, lowest }, now)
    }
    before = horizon.before(now)
  }
  return before
}

const all = [0, 1, 2, 3]
const steady = (now: number) => Math.floor(now / minute)

test('one owner of all: what it had on disk a day ago may go, and nothing on the first day', () => {
  expect(told([{ owner: 'a', partitions: all, at: steady }], day - minute)).toBe(null)
  expect(told([{ owner: 'a', partitions: all, at: steady }], 2 * day)).toBe(1_440)
})

test('the slowest of two owners decides', () => {
  const slow = { owner: 'b', partitions: all, at: (now: number) => Math.floor(now / hour) }
  expect(told([{ owner: 'a', partitions: all, at: steady }, slow], 2 * day)).toBe(24)
})

test('two workers that share the partitions: neither trims what the other has not applied', () => {
  const left = { owner: 'a', partitions: [0, 1], at: steady }
  const right = { owner: 'b', partitions: [2, 3], at: () => 7 }
  expect(told([left, right], 2 * day)).toBe(7)
  expect(told([left], 2 * day)).toBe(null)
})

test('nothing goes while the only owner of a partition has been silent for more than an hour', () => {
  const left = { owner: 'a', partitions: [0, 1], at: steady }
  const dies = { owner: 'b', partitions: [2, 3], at: (now: number) => (now < day ? steady(now) : null) }
  expect(told([left, dies], day + 30 * minute)).toBe(30)
  expect(told([left, dies], 3 * day)).toBe(null)
})

test('a standby that stays away is forgotten, and one that begins anew holds everything', () => {
  const first = { owner: 'a', partitions: all, at: steady }
  const gone = { owner: 'b', partitions: all, at: (now: number) => (now < hour ? 5 : null) }
  expect(told([first, gone], 3 * day)).toBe(2_880)
  const late = { owner: 'c', partitions: all, at: (now: number) => (now > 2 * day ? 1 : null) }
  expect(told([first, late], 3 * day)).toBe(1)
})
