import { expect, test } from 'vitest'
import { findPromtool } from './promtool.ts'
import { isAtLeast } from './versions.ts'

test('promtool is found, or fetched from Debian without root', async () => {
  const { version } = await findPromtool()
  expect(isAtLeast(version, '2.40.0')).toBe(true)
})
