import { expect, test } from 'vitest'
import { parseIsoTime, parseMailTime } from './times.ts'

const nine = Date.UTC(2025, 5, 2, 9)

test.each([
  ['2025-06-02T09:00:00Z', nine],
  ['2025-06-02T09:00Z', nine],
  ['2025-06-02t09:00:00z', nine],
  ['2025-06-02T09:00:00.250Z', nine + 250],
  ['2025-06-02T09:00:00.250999Z', nine + 250],
  ['2025-06-02T11:00:00+02:00', nine],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ['2025-02-29T00:00:00Z', null],
  ['2025-04-31T00:00:00Z', null],
  ['2025-06-02T24:00:00Z', null],
  ['2025-06-02T09:00:60Z', null],
  ['2025-13-02T09:00:00Z', null],
  ['2025-06-02T09:00:00', null],
  ['2025-06-02 09:00:00Z', null],
  ['2025-06-02', null],
  ['1748854800', null],
  ['', null],
])('ISO: %s', (text, expected) => {
  expect(parseIsoTime(text)).toBe(expected)
})

test.each([
  ['Mon, 02 Jun 2025 09:00:00 +0000', nine],
  ['2 Jun 2025 11:00:00 +0200', nine],
  ['Mon, 02 Jun 2025 09:00:00 GMT', nine],
  ['Mon, 02 Xyz 2025 09:00:00 +0000', null],
  ['Mon, 02 Jun 2025 09:00:00', null],
  ['2025-06-02T09:00:00Z', null],
  ['', null],
])('mail: %s', (text, expected) => {
  expect(parseMailTime(text)).toBe(expected)
})
