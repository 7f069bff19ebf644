import { expect, test } from 'vitest'
import { isAtLeast } from './versions.ts'

test.each([
  ['2.10.27', '2.10.0', true],
  ['2.9.10', '2.10.0', false],
  ['2.38', '2.38', true],
  ['2.36', '2.38', false],
  ['3.0', '2.38', true],
  ['v2.11.0-beta.1', '2.11.0', true],
  ['24.12.0', '24.12.0', true],
  ['24.11.9', '24.12.0', false],
  ['', '0.0.1', false],
])('%s is at least %s: %s', (version, least, expected) => {
  expect(isAtLeast(version, least)).toBe(expected)
})
