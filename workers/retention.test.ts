import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createState } from '../core/state.ts'
import { began, policyOf, tell } from '../core/story.ts'
import type { LogTime } from '../core/words.ts'
import { forgetExpired } from './retention.ts'
import { openStore, type Store } from './store.ts'

const dayMs = 86_400_000
let folder: string
let store: Store

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-retention-'))
  store = openStore(folder, 0)
})

afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Entries set aside on these days, by sequence. */
async function setAside(began: number, ...days: number[]): Promise<void> {
  for (const [place, day] of days.entries()) {
    const atMs = began + day * dayMs
    const bytes = Buffer.from('entry')
    await store.setAside({ sequence: place + 1, index: 0, reason: 'not-packed', atMs, bytes })
  }
}

const left = () => store.asides(10).map(({ sequence }) => sequence)

test('what was set aside stays as long as the longest retention in the partition, by log time', async () => {
  const story = tell({ ...policyOf(1), retentionMs: 10 * dayMs })
  const empty = { sites: [], targets: [], pools: [], statics: [] }
  const policy = { ...policyOf(1), ...empty, tenant: 'other', retentionMs: 30 * dayMs }
  story.at(0, { kind: 'configured', tenant: 'other', version: 'v1', policy })
  await setAside(began, 0, 20, 25)
  story.pulse((30 * dayMs) / 1_000)
  await forgetExpired(story.state(), store)
  expect(left()).toEqual([1, 2, 3])
  story.pulse((51 * dayMs) / 1_000)
  await forgetExpired(story.state(), store)
  expect(left()).toEqual([3])
})

test('in a partition without tenants it stays for sixty days', async () => {
  const state = createState()
  await setAside(0, 1, 2)
  state.now = (61 * dayMs) as LogTime
  await forgetExpired(state, store)
  expect(left()).toEqual([1, 2])
  state.now = (62 * dayMs) as LogTime
  await forgetExpired(state, store)
  expect(left()).toEqual([2])
})

test('a page of what was set aside goes at a time, the oldest first', async () => {
  await setAside(0, 1, 2, 3)
  expect(await store.forgetAsides(10 * dayMs, 2)).toBe(2)
  expect(left()).toEqual([3])
})
