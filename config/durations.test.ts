import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './durations.ts'

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['20m', 1_200_000],
  ['24h', 86_400_000],
  ['60d', 5_184_000_000],
  ['0s', 0],
  ['3650d', 315_360_000_000],
])('%s is %i ms', (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs)
})

test.each([
  '',
  '20',
  'm',
  '20 m',
  '20M',
  '-1s',
  '1.5h',
  '1e3s',
  '20min',
  '3651d',
  '9999999999999ms',
  ' 1s',
  '1s\n',
])('%j is no duration', text => {
  expect(parseDuration(text)).toBeNull()
})

test('what is written can be read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 315_360_000_000 }), ms => parseDuration(formatDuration(ms)) === ms),
  )
  expect(formatDuration(90_000)).toBe('90s')
})
