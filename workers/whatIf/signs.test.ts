import { expect, test } from 'vitest'
import type { RecordedSession } from './record.ts'
import { paceFor, signsOf } from './signs.ts'

const session = (startedAt: number, ...spans: [number, number][]) =>
  ({
    startedAt,
    spans,
    site: 'k',
    session: 's',
    visitor: 'v',
    numbers: [],
    withdrawnAt: null,
  }) as unknown as RecordedSession

const timesOf = (sessions: RecordedSession[], span = { fromMs: 0, toMs: 1_000_000 }) => {
  const { at, of } = signsOf(sessions, { ...span, everyMs: 30 })
  return [...at].map((time, place) => [time, of[place]])
}

test('a stretch is filled, its end is where it was, and a gap stays a gap', () => {
  // The first sign of the first stretch is the event that opened the session: it is kept, and not made again.
  expect(timesOf([session(100, [100, 170], [500, 500])])).toEqual([
    [130, 0],
    [160, 0],
    [170, 0],
    [500, 0],
  ])
  expect(timesOf([session(100, [100, 100])])).toEqual([])
})

test('signs of several stand in the order of time, within what is looked at', () => {
  const both = [session(100, [100, 150]), session(110, [110, 145])]
  expect(timesOf(both)).toEqual([
    [130, 0],
    [140, 1],
    [145, 1],
    [150, 0],
  ])
  expect(timesOf(both, { fromMs: 140, toMs: 150 })).toEqual([
    [140, 1],
    [145, 1],
  ])
})

test('pages beat three times in the shortest idle timeout, and twice a minute at least', () => {
  expect(paceFor([300_000, 60_000])).toBe(20_000)
  expect(paceFor([300_000])).toBe(30_000)
  expect(paceFor([])).toBe(30_000)
})
