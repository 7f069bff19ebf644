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

test('what is in the store is told by the moment at which the log had it, however long it takes to be read and committed', async () => {
  const partition = { committed: 5 }
  let [now, inLog] = [100, 9]
  const storedUntil = createStoredUntil(
    partition,
    async () => inLog,
    () => now,
  )
  // Begun anew, it has not even read what came meanwhile.
  expect(await storedUntil()).toBe(0)
  now = 200
  partition.committed = 8
  expect(await storedUntil()).toBe(0)
  inLog = 12
  partition.committed = 9
  expect(await storedUntil()).toBe(100)
  expect(await storedUntil()).toBe(100)
  now = 300
  partition.committed = 12
  expect(await storedUntil()).toBe(200)
  expect(await storedUntil()).toBe(300)
})
