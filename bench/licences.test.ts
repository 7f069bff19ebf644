import { expect, test } from 'vitest'
import { isAllowed, shippedPackages } from './licences.ts'

test('nothing that we ship is under a licence that asks for more than notices', () => {
  const packages = shippedPackages()
  expect(packages.length).toBeGreaterThan(30)
  expect(packages.filter(({ licence }) => !isAllowed(licence))).toEqual([])
})

test.each([
  'AGPL-3.0-only',
  'GPL-2.0',
  'LGPL-3.0-or-later',
  'MIT AND GPL-3.0',
  'SSPL-1.0',
  'BUSL-1.1',
  'none named',
  '',
])('%s is refused', licence => {
  expect(isAllowed(licence)).toBe(false)
})

test.each(['MIT', 'Apache-2.0', '(MIT OR GPL-3.0)', 'MIT AND ISC', 'BlueOak-1.0.0'])(
  '%s is allowed',
  licence => {
    expect(isAllowed(licence)).toBe(true)
  },
)
