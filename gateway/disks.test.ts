import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { limits } from '../core/limits.ts'
import { usedShare, watchDisks } from './disks.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const folders = { data: '/data', log: '/log' }

/** Disks whose shares a test says. */
async function disksAt(shares: Record<string, number | null>) {
  const read = async (folder: string) => {
    const share = shares[folder]
    if (share == null) throw new Error('EIO')
    return share
  }
  return watchDisks({ folders, stopAt: limits.diskStopAt, read })
}

test('one disk at 85 % is enough; below it visits are taken again by themselves', async () => {
  const shares: Record<string, number | null> = { '/data': 0.3, '/log': 0.849 }
  const disks = await disksAt(shares)
  expect(disks.hasRoom()).toBe(true)
  shares['/log'] = 0.85
  await vi.advanceTimersByTimeAsync(1_000)
  expect(disks.hasRoom()).toBe(false)
  expect(disks.used()).toEqual([
    ['data', 0.3],
    ['log', 0.85],
  ])
  shares['/log'] = 0.84
  await vi.advanceTimersByTimeAsync(1_000)
  expect(disks.hasRoom()).toBe(true)
  disks.stop()
})

test('a disk that cannot be read counts as it was read last', async () => {
  const shares: Record<string, number | null> = { '/data': 0.9, '/log': null }
  const disks = await disksAt(shares)
  shares['/data'] = null
  await vi.advanceTimersByTimeAsync(5_000)
  expect(disks.hasRoom()).toBe(false)
  disks.stop()
})

test('a real disk has a used share', async () => {
  const share = await usedShare(tmpdir())
  expect(share).toBeGreaterThan(0)
  expect(share).toBeLessThanOrEqual(1)
})
