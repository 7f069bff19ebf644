import { expect, test } from 'vitest'
import { limits } from '../core/limits.ts'
import { emptyGroup } from './group.ts'
import { createStoredUntil, hasRoom } from './partition.ts'

test('while nothing is committed, what was set aside fills a partition as what was applied does', () => {
  const group = emptyGroup(0)
  const aside = { sequence: 1, index: 0, reason: 'not-packed', atMs: 0, bytes: Buffer.from('entry') }
  group.entries = limits.uncommittedEntriesMax - 2
  group.asides.push(aside)
  expect(hasRoom({ group })).toBe(true)
  group.asides.push(aside)
  expect(hasRoom({ group })).toBe(false)
})

test('what is in the store is told by the moment at which it was applied, however long a commit takes', () => {
  const partition = { applied: 5, committed: 5 }
  let now = 100
  const storedUntil = createStoredUntil(partition, () => now)
  now = 200
  partition.applied = 6
  expect(storedUntil()).toBe(100)
  now = 300
  partition.applied = 7
  expect(storedUntil()).toBe(100)
  partition.committed = 6
  expect(storedUntil()).toBe(200)
  expect(storedUntil()).toBe(200)
  partition.committed = 7
  expect(storedUntil()).toBe(300)
})
