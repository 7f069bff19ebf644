import { expect, test } from 'vitest'
import { limits } from '../core/limits.ts'
import { emptyGroup } from './group.ts'
import { hasRoom } from './partition.ts'

test('while nothing is committed, what was set aside fills a partition as what was applied does', () => {
  const group = emptyGroup(0)
  const aside = { sequence: 1, index: 0, reason: 'not-packed', atMs: 0, bytes: Buffer.from('entry') }
  group.entries = limits.uncommittedEntriesMax - 2
  group.asides.push(aside)
  expect(hasRoom({ group })).toBe(true)
  group.asides.push(aside)
  expect(hasRoom({ group })).toBe(false)
})
