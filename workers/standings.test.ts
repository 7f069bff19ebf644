import { expect, test } from 'vitest'
import { createStandings } from './standings.ts'

const standing = [{ partition: 0, onDisk: 1, current: true, stopped: null, failedCommits: 0 }]

test('what a thread said counts for five seconds, so that one that hangs is missed', () => {
  let now = 1_000
  const standings = createStandings(() => now)
  expect(standings.fresh()).toEqual([])
  standings.hear(standing)
  now += 5_000
  expect(standings.fresh()).toEqual(standing)
  now += 1
  expect(standings.fresh()).toEqual([])
  standings.hear(standing)
  expect(standings.fresh()).toEqual(standing)
})

test('a thread that died has said nothing', () => {
  const standings = createStandings(() => 0)
  standings.hear(standing)
  standings.forget()
  expect(standings.fresh()).toEqual([])
})
