import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pack } from '../../config/pack.ts'
import type { EraserSetup } from '../../workers/eraser.ts'
import { carryOut } from '../../workers/eraser.ts'
import type { Erasure } from '../../workers/erasures.ts'
import { erasureOf, loadErasures, rowOf } from '../../workers/erasures.ts'
import { findableAs } from '../../workers/findable.ts'
import type { KeyStore } from '../../workers/keys/keyStore.ts'
import { endTenants } from '../../workers/tenantEnd.ts'
import type { Store } from '../../workers/store.ts'
import { searchFiles } from '../canary/search.ts'
import { temporaryFolder } from '../system.ts'
import { messagesOf, type SeededTenant, truthOf } from './seeded.ts'
import { openFilled } from './smallFill.ts'

// One of three tenants of a partition ends: the rows and keys of the others are the same bytes before and after.

const seed = { rows: 20_000, fromMs: Date.UTC(2026, 8, 1) }
const keysEach = 2_500
const folder = temporaryFolder()
let store: Store
let keys: KeyStore

beforeAll(async () => {
  const filled = await openFilled(folder.path, seed, keysEach)
  store = filled.store
  keys = filled.keys
})
afterAll(async () => {
  await keys.close()
  await store.close()
  folder.remove()
})

const all = Number.MAX_SAFE_INTEGER

/** Of every row of a tenant, and of every name that one is found under. */
function digestOf(tenant: SeededTenant): string {
  const hash = createHash('sha256')
  for (const row of store.history(tenant, 0, all, all)) {
    hash.update(pack(row))
    if (!('visitor' in row.event.clear)) continue
    hash.update(pack(store.find(tenant, `v:${row.event.clear.visitor}`, null, 100)))
  }
  for (let number = 0; number < keysEach; number++)
    for (const id of keys.idsOf(tenant, `v:visitor-${number}`))
      hash.update(id).update(keys.subjectKey(id)?.secret ?? 'gone')
  return hash.digest('hex')
}

function endOf(tenant: SeededTenant, sequence: number): Erasure {
  const times = { rowsGoneAt: null, keysGoneAt: null, intakeRotatedAt: null, intakeGoneAt: null }
  return {
    ...{ tenant, request: 'r'.repeat(22), names: [], subjects: [], atMs: 1, sequence, ...times },
    ...{ streams: null, outboxGoneAt: null, bytesGoneAt: null, rows: 0, keyIds: [] },
    end: { deleted: {}, returned: null, leftRows: null, leftKeys: null },
  }
}

/** An eraser by a clock that runs when it is asked, and these to carry out. */
async function eraserOf(asked: readonly Erasure[]): Promise<EraserSetup> {
  for (const erasure of asked) await store.putErasure(rowOf(erasure))
  const erasures = loadErasures(store)
  let now = 1
  return {
    ...{ erasures, store, keys, announceIntake: () => undefined, noteKeysGone: () => undefined },
    removeReturns: async () => undefined,
    storedUntil: async () => now,
    clock: () => {
      now += 3_600_000
      return now
    },
  }
}

/** Until everything is done that can be; it is asked to stop after so many looks, again and again. */
async function carriedOut(erasure: Erasure, looks = Number.POSITIVE_INFINITY): Promise<Erasure> {
  const setup = await eraserOf([erasure])
  const found = () => erasureOf(setup.erasures, erasure.tenant, erasure.request) as Erasure
  while (found().rowsGoneAt === null) {
    let left = looks
    await endTenants(setup, () => left-- > 0)
  }
  for (let round = 0; round < 3; round++) await carryOut(setup)
  return found()
}

test('everything of one tenant goes, and the others are the same bytes', async () => {
  const before = [digestOf('other'), digestOf('third')]
  const [visitor] = store.history('acme', 0, all, 1).map(({ event }) => event.clear)
  const canary = visitor !== undefined && 'visitor' in visitor ? visitor.visitor : ''
  expect(searchFiles([join(folder.path, 'partitions')], [canary]).length).toBeGreaterThan(0)
  const truth = truthOf(seed, { tenant: 'acme', fromMs: 0, toMs: all })
  const done = await carriedOut(endOf('acme', messagesOf(seed)), 20)
  expect(done.end).toMatchObject({
    deleted: {
      ...{ events: truth.rows, sessions: truth.records.session, calls: truth.records.call },
      ...{ 'page views': truth.records['page-view'], engagements: truth.records.engagement },
      ...{ 'subject keys': keysEach, 'period keys': 1 },
    },
    leftRows: 0,
    leftKeys: 0,
  })
  expect(done.intakeGoneAt).not.toBeNull()
  expect([digestOf('other'), digestOf('third')]).toEqual(before)
  await store.compact()
  expect(searchFiles([join(folder.path, 'partitions')], [canary])).toEqual([])
  expect([digestOf('other'), digestOf('third')]).toEqual(before)
})

test('what comes after the end, because the tenant was configured anew, stays', async () => {
  const middle = Math.floor(messagesOf(seed) / 2)
  const { length } = store.history('other', 0, all, all).filter(row => row.sequence > middle)
  expect(length).toBeGreaterThan(0)
  const done = await carriedOut(endOf('other', middle))
  expect(done.keysGoneAt).not.toBeNull()
  const left = store.history('other', 0, all, all)
  expect(left.every(row => row.sequence > middle)).toBe(true)
  expect(left).toHaveLength(length)
  for (const { event, atMs, sequence, index } of left) {
    const { clear, session } = event
    for (const name of findableAs(clear, session))
      expect(store.find('other', name, null, 100)).toContainEqual({ atMs, sequence, index })
  }
})

test('people of others are erased while a tenant ends', async () => {
  const [row] = store.history('other', 0, all, 1)
  if (row === undefined || !('visitor' in row.event.clear)) throw new Error('nobody is left')
  const { visitor } = row.event.clear
  const { end: _, ...whole } = endOf('other', messagesOf(seed))
  const person = { ...whole, request: 'p'.repeat(22), names: [`v:${visitor}`] }
  const setup = await eraserOf([endOf('third', messagesOf(seed)), person])
  const done: string[] = []
  const ending = endTenants(setup, () => true).then(() => done.push('third'))
  await carryOut(setup).then(() => done.push('a person of other'))
  await ending
  expect(done).toEqual(['a person of other', 'third'])
  expect(store.find('other', `v:${visitor}`, null, 1)).toEqual([])
  expect(store.rowsLeft('third', all)).toBe(0)
  const { records } = truthOf(seed, { tenant: 'third', fromMs: 0, toMs: all })
  const ended = erasureOf(setup.erasures, 'third', 'r'.repeat(22))
  expect(ended?.end?.deleted).toMatchObject({ sessions: records.session, calls: records.call })
})
