import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createLogger } from '../../config/logger.ts'
import { createSigner } from '../../config/signing.ts'
import { loaded } from '../../config/testConfig.ts'
import type { Input } from '../../core/input.ts'
import { apply } from '../../core/machine.ts'
import { createState, restoreState, rulesVersion, type State, type TableName } from '../../core/state.ts'
import type { LogTime } from '../../core/words.ts'
import { createTenants, type Site } from '../../gateway/tenants.ts'
import { createCommitter } from '../../workers/commit.ts'
import { createCounts } from '../../workers/counts.ts'
import { openKeyStore } from '../../workers/keys/keyStore.ts'
import { restore } from '../../workers/open.ts'
import { changedRows, isLeaving } from '../../workers/rows.ts'
import { openStore, type Store } from '../../workers/store.ts'
import { benchTenant, settingsOf, temporaryFolder } from '../system.ts'

// What the core holds of a tenant that has ended leaves the store with commits, a few rows with each.

const folder = temporaryFolder()
afterAll(folder.remove)

const tenants = ['acme', 'other'].map((id, place) => {
  const pool = { numbers: [`+457${place}000001..+457${place}000020`] }
  return benchTenant(id, `pk_${id}`, pool)
})
const sites = createTenants(loaded(JSON.stringify(settingsOf(tenants))))
const configured = (id: string): Input => {
  const { tenant } = sites.site(`pk_${id}`) as Site
  const { version, policy } = tenant
  return { kind: 'configured', tenant: id, version, policy }
}
const hello = (tenant: string, number: number) => {
  const ids = { visitor: `V${number}`, freshSession: `S${number}`, tab: `T${number}` }
  return {
    kind: 'hello',
    tenant,
    site: `pk_${tenant}`,
    ...ids,
    targets: null,
    page: null,
  } as unknown as Input
}

/** A state and its store, as an owner has them. */
function openOwner(name: string) {
  const store = openStore(join(folder.path, name), 0)
  const owner = { state: createState(), store, sequence: 0, committed: 0 }
  const enter = (input: Input) => {
    owner.sequence += 1
    const { sequence } = owner
    const at = (1_790_000_000_000 + sequence) as LogTime
    apply(owner.state, { at, sequence, index: 0, producer: 'p|0|visit|0', counter: sequence, input })
  }
  const commit = async (most: number) => {
    const { sequence, committed } = owner
    const nothing = { access: [], history: [], erasures: [], breaches: [], audit: [], rectifications: [] }
    const position = { sequence, rules: rulesVersion, log: 'test', mark: null }
    const rows = changedRows(owner.state, most)
    await store.commit({ ...nothing, rows, position, expected: committed })
    owner.committed = sequence
    return rows.length
  }
  /** It dies, and the next one begins with what is in the store. */
  const crash = () => {
    owner.state = restored(store)
  }
  return { owner, store, enter, commit, crash }
}

const restored = (store: Store): State =>
  restoreState(store.rows() as Iterable<{ table: TableName; key: string; value: unknown }>)
const sessionsOf = (state: State, tenant: string) =>
  [...state.tables.sessions.of(tenant).entries()].map(([key]) => key).sort()
const all = Number.MAX_SAFE_INTEGER

async function filled(name: string) {
  const one = openOwner(name)
  for (const tenant of ['acme', 'other']) {
    one.enter(configured(tenant))
    for (let number = 0; number < 300; number++) one.enter(hello(tenant, number))
  }
  await one.commit(all)
  return one
}

test('they leave a few with each commit, a crash in between or not, and those of others stay', async () => {
  const { owner, store, enter, commit, crash } = await filled('few')
  const before = sessionsOf(owner.state, 'other')
  enter({ kind: 'tenant-ended', tenant: 'acme', request: 'r' })
  expect(sessionsOf(owner.state, 'acme')).toEqual([])
  expect(await commit(100)).toBeLessThan(120)
  expect(store.rowsLeft('acme', all)).toBeGreaterThan(0)
  crash()
  expect(owner.state.tenants.has('acme')).toBe(false)
  expect(sessionsOf(owner.state, 'acme')).toEqual([])
  for (let commits = 0; isLeaving(owner.state); commits++) {
    expect(await commit(100)).toBeLessThanOrEqual(100)
    if (commits === 2) crash()
  }
  expect(store.rowsLeft('acme', all)).toBe(0)
  expect(sessionsOf(restored(store), 'other')).toEqual(before)
  await store.close()
})

test('a tenant that is configured anew in the meantime has nothing of before, and all that came since', async () => {
  const { owner, store, enter, commit, crash } = await filled('anew')
  enter({ kind: 'tenant-ended', tenant: 'acme', request: 'r' })
  await commit(50)
  enter(configured('acme'))
  // One of before comes again, under the same ids.
  for (const number of [7, 1_000]) enter(hello('acme', number))
  await commit(50)
  expect(isLeaving(owner.state)).toBe(false)
  const now = sessionsOf(owner.state, 'acme')
  expect(now).toEqual(['S1000', 'S7'])
  crash()
  expect(sessionsOf(owner.state, 'acme')).toEqual(now)
  enter(hello('acme', 1_001))
  await commit(50)
  expect(sessionsOf(restored(store), 'acme')).toHaveLength(3)
  await store.close()
})

test('commits go on until all have left, though nothing new comes', async () => {
  const directory = join(folder.path, 'by-itself')
  const store = openStore(directory, 0)
  const keys = await openKeyStore({ directory: join(directory, 'keys'), rootKey: Buffer.alloc(32, 5) })
  const signer = createSigner(Buffer.alloc(32, 5))
  const opening = { number: 0, dataDir: directory, reply: () => undefined, counts: createCounts(), signer }
  const ground = { ...opening, logger: createLogger('silent'), link: null as never }
  const partition = restore(ground, { store, keys }, null, 'test', 0)
  const inputs = [configured('acme'), ...Array.from({ length: 3_000 }, (_, number) => hello('acme', number))]
  const enter = (input: Input) => {
    const sequence = partition.group.sequence + 1
    const at = (1_790_000_000_000 + sequence) as LogTime
    apply(partition.state, { at, sequence, index: 0, producer: 'p|0|visit|0', counter: sequence, input })
    partition.group.sequence = sequence
  }
  for (const input of inputs) enter(input)
  const committer = createCommitter(partition)
  committer.begin()
  await expect.poll(() => store.position()?.sequence).toBe(inputs.length)
  enter({ kind: 'tenant-ended', tenant: 'acme', request: 'r' })
  committer.begin()
  await expect.poll(() => store.rowsLeft('acme', all), { timeout: 10_000 }).toBe(0)
  await committer.close()
  await store.close()
  await keys.close()
})
