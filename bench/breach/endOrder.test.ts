import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSigner } from '../../config/signing.ts'
import { limits } from '../../core/limits.ts'
import { loadAudit } from '../../workers/auditRows.ts'
import { certificateOf } from '../../workers/certificate.ts'
import { carryOut, type EraserSetup } from '../../workers/eraser.ts'
import { type Erasure, erasureOf, loadErasures, rowOf } from '../../workers/erasures.ts'
import type { KeyStore } from '../../workers/keys/keyStore.ts'
import { makeGateway, rootKey, subjects } from '../../workers/keys/testKeys.ts'
import type { Store } from '../../workers/store.ts'
import { endTenants } from '../../workers/tenantEnd.ts'
import { temporaryFolder } from '../system.ts'
import { messagesOf, type SeededTenant, truthOf } from './seeded.ts'
import { openFilled } from './smallFill.ts'

// In which order the data of a tenant goes, and what a death in between leaves of what is certified.

const seed = { rows: 20_000, fromMs: Date.UTC(2026, 8, 1) }
const keysEach = 2_500
const folder = temporaryFolder()
const request = 'r'.repeat(22)
/** Later than the files of the stores were made. */
const began = Date.UTC(2100, 0, 1)
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

async function end(tenant: SeededTenant): Promise<void> {
  const times = { rowsGoneAt: null, keysGoneAt: null, intakeRotatedAt: null, intakeGoneAt: null }
  const asked: Erasure = {
    ...{ tenant, request, names: [], subjects: [], atMs: 1, sequence: messagesOf(seed), ...times },
    ...{ streams: null, outboxGoneAt: null, bytesGoneAt: null, rows: 0, keyIds: [] },
    end: { deleted: {}, returned: null, leftRows: null, leftKeys: null },
  }
  await store.putErasure(rowOf(asked))
}

/** An owner that begins with what is on the disk. */
function begin(tenant: SeededTenant, now: () => number) {
  const erasures = loadErasures(store)
  const noted: number[] = []
  const setup: EraserSetup = {
    ...{
      erasures,
      store,
      keys,
      announceIntake: () => undefined,
      clock: now,
      removeReturns: async () => undefined,
      storedUntil: async () => now(),
    },
    noteKeysGone: (_, counts) => void noted.push(counts.keys ?? 0),
  }
  const found = () => erasureOf(erasures, tenant, request) as Erasure
  return { erasures, noted, setup, found }
}

function certified({ erasures }: Pick<EraserSetup, 'erasures'>, tenant: SeededTenant) {
  const audit = loadAudit(store, createSigner(rootKey))
  const certificate = certificateOf({ erasures, audit, store, keys }, { tenant, request: null }, began)
  const stateOf = (name: string) => certificate?.states.find(one => one.store === name)?.state
  return { deleted: certificate?.deleted, stateOf }
}

const killed = () => Promise.reject(new Error('killed'))
const keysLeft = (tenant: SeededTenant) => keys.inventory().tenants.get(tenant)?.subjectKeys ?? 0
const come = (tenant: SeededTenant, count: number) =>
  keys.take(subjects(tenant, 5_000, 5_000 + count).map(makeGateway(keys.intake())))

test('keys go first, then the half under which they came, and while rows leave nothing can be read', async () => {
  await end('third')
  let now = began
  const { erasures, noted, setup, found } = begin('third', () => now)
  await expect(
    endTenants({ ...setup, store: { ...store, removeNames: killed } }, () => true),
  ).rejects.toThrow()
  expect([keysLeft('third'), keysLeft('other')]).toEqual([0, keysEach])
  expect(found()).toMatchObject({ keysGoneAt: began, rowsGoneAt: null })
  await carryOut(setup)
  now += limits.intakeGraceMs
  await carryOut(setup)
  expect(keys.inventory().intake).toHaveLength(1)
  expect(store.rowsLeft('third', Number.MAX_SAFE_INTEGER)).toBeGreaterThan(0)
  for (const name of ['keys', 'intake keys', 'index', 'log', 'backups'])
    expect(certified(setup, 'third').stateOf(name), name).toBe('undecryptable')
  expect([erasures.pending.size, erasures.lingering.size]).toEqual([1, 0])
  // Visits that were refused bring keys all the same.
  await come('third', 3)
  now += 1
  const { id } = keys.intake()
  await endTenants(setup, () => true)
  expect([keysLeft('third'), store.rowsLeft('third', Number.MAX_SAFE_INTEGER)]).toEqual([0, 0])
  expect(found()).toMatchObject({ keysGoneAt: now, rowsGoneAt: now, intakeGoneAt: null })
  expect(noted).toEqual([keysEach + 1, 3])
  await carryOut(setup)
  now += limits.intakeGraceMs
  await carryOut(setup)
  expect(keys.inventory().intake).not.toContainEqual(id)
  expect([erasures.pending.size, erasures.lingering.size]).toEqual([0, 1])
})

test('whoever is introduced anew when the keys are gone keeps the new ones', async () => {
  await end('other')
  const { setup, found } = begin('other', () => began)
  await expect(
    endTenants({ ...setup, store: { ...store, removeNames: killed } }, () => true),
  ).rejects.toThrow()
  expect(certified(setup, 'other').stateOf('keys')).toBe('undecryptable')
  await come('other', 2)
  await endTenants({ ...setup, store: { ...store, isKnown: () => true } }, () => true)
  expect([keysLeft('other'), found().rowsGoneAt]).toEqual([2, began])
})

/** Everything works, and dies when so many steps are on the disk. */
function dying(setup: EraserSetup, steps: number): EraserSetup {
  let left = steps
  const dies =
    <Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      const result = await work(...given)
      left -= 1
      return left === 0 ? killed() : result
    }
  const { removeNames, removeHistory, putErasure } = store
  const pages = { removeNames: dies(removeNames), removeHistory: dies(removeHistory) }
  return { ...setup, store: { ...store, ...pages, putErasure: dies(putErasure) } }
}

test('whenever it dies, what is certified is neither less nor more than what was deleted; of keys it is the least', async () => {
  await end('acme')
  const first = begin('acme', () => began).setup
  let looks = 2
  const destroyTenant = (tenant: string) => keys.destroyTenant(tenant, () => looks-- > 0).then(killed)
  await expect(endTenants({ ...first, keys: { ...keys, destroyTenant } }, () => true)).rejects.toThrow()
  expect([0, keysEach]).not.toContain(keysLeft('acme'))
  let lives = 0
  for (; begin('acme', () => began).found().rowsGoneAt === null; lives++)
    await endTenants(dying(begin('acme', () => began).setup, 6), () => true).catch(() => undefined)
  expect(lives).toBeGreaterThan(10)
  const { rows, records } = truthOf(seed, { tenant: 'acme', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })
  expect(
    certified(
      begin('acme', () => began),
      'acme',
    ).deleted,
  ).toEqual({
    ...{ events: rows, sessions: records.session, calls: records.call },
    ...{ 'page views': records['page-view'], engagements: records.engagement },
    ...{ 'subject keys at least': keysEach, 'period keys at least': 1 },
    ...{ 'rows found afterwards': 0, 'keys found afterwards': 0 },
  })
})
