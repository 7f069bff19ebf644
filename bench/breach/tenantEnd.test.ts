import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pack } from '../../config/pack.ts'
import type { EraserSetup } from '../../workers/eraser.ts'
import { carryOut } from '../../workers/eraser.ts'
import type { Erasure } from '../../workers/erasures.ts'
import { advance, committed, erasureOf, loadErasures } from '../../workers/erasures.ts'
import { type KeyStore, openKeyStore } from '../../workers/keys/keyStore.ts'
import { makeGateway, rootKey, subjects } from '../../workers/keys/testKeys.ts'
import { openStore, type Store } from '../../workers/store.ts'
import { searchFiles } from '../canary/search.ts'
import { temporaryFolder } from '../system.ts'
import { fillStore, type SeededTenant, truthOf } from './seeded.ts'

// One of three tenants of a partition ends: the rows and keys of the others are the same bytes before and after.

const rows = 20_000
const keysEach = 2_500
const folder = temporaryFolder()
let store: Store
let keys: KeyStore

beforeAll(async () => {
  store = openStore(folder.path, 0)
  await fillStore(store, rows, () => undefined)
  keys = await openKeyStore({ directory: join(folder.path, 'keys'), rootKey })
  const wrapFor = makeGateway(keys.intake())
  for (const tenant of ['acme', 'other', 'third']) {
    const periods = { tenant, name: 'retention', of: 'period', lastsMs: 60_000 } as const
    await keys.take([...subjects(tenant, 0, keysEach), periods].map(wrapFor))
  }
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

/** Until everything is done that can be: by a clock that runs when it is asked. */
async function carriedOut(erasure: Erasure): Promise<Erasure> {
  const erasures = loadErasures(store)
  await advance(erasures, store, erasure)
  committed(erasures, [erasure])
  let now = 1
  const setup: EraserSetup = {
    ...{ erasures, store, keys, announceIntake: () => undefined, noteKeysGone: () => undefined },
    clock: () => {
      now += 3_600_000
      return now
    },
  }
  for (let round = 0; round < 4; round++) await carryOut(setup)
  return erasureOf(erasures, erasure.tenant, erasure.request) as Erasure
}

test('everything of one tenant goes, and the others are the same bytes', async () => {
  const before = [digestOf('other'), digestOf('third')]
  const [visitor] = store.history('acme', 0, all, 1).map(({ event }) => event.clear)
  const canary = visitor !== undefined && 'visitor' in visitor ? visitor.visitor : ''
  expect(searchFiles([join(folder.path, 'partitions')], [canary]).length).toBeGreaterThan(0)
  const truth = truthOf(rows, 'acme', 0, all)
  const done = await carriedOut(endOf('acme', rows))
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
  const middle = Math.floor(rows / 2)
  const { length } = store.history('other', 0, all, all).filter(row => row.sequence > middle)
  expect(length).toBeGreaterThan(0)
  const done = await carriedOut(endOf('other', middle))
  expect(done.keysGoneAt).not.toBeNull()
  const left = store.history('other', 0, all, all)
  expect(left.every(row => row.sequence > middle)).toBe(true)
  expect(left).toHaveLength(length)
})
