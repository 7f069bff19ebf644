import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../config/logger.ts'
import { pack } from '../../config/pack.ts'
import type { Input } from '../../core/input.ts'
import { policyOf } from '../../core/story.ts'
import type { SessionId, VisitorId } from '../../core/words.ts'
import { type LogMessage, logVersion, messageId } from '../../core/wire/log.ts'
import { subjects } from '../../core/wire/subjects.ts'
import { createCounts } from '../../workers/counts.ts'
import { openKeyStore } from '../../workers/keys/keyStore.ts'
import { type Owned, openPartition } from '../../workers/open.ts'
import { isCurrent } from '../../workers/partition.ts'
import { until } from './badInputsClient.ts'
import { openRealLog, type RealLog } from './realLog.ts'
import { leave, storesIn } from './storesIn.ts'

/** A key store that remembers erasures, and beside it a log and a store that were restored and do not. */
let log: RealLog
let counter = 0
beforeAll(async () => {
  log = await openRealLog()
})
afterAll(() => log.stop())

const policy = policyOf(1)
const { tenant } = policy
const site = policy.sites[0]?.key ?? ''
const visitor = 'V'.repeat(22) as VisitorId

const hello: Input = {
  kind: 'hello',
  ...{ tenant, site, visitor, freshSession: 'S'.repeat(22) as SessionId, tab: 't' },
  ...{ targets: [], page: null },
}
const people = [`v:${visitor}`, 'c:pseudonym']
async function remember(name: string, number: number, ofTenant: string, names = people): Promise<void> {
  const { keyDir, rootKey } = storesIn(join(log.path, name))
  const keys = await openKeyStore({ directory: join(keyDir, `00${number}`), rootKey })
  await keys.noteErasure(ofTenant, 'request-1', names, 1)
  await keys.close()
}

function own(name: string, number: number): Promise<Owned> {
  const common = { link: log.link, logger: createLogger('silent'), counts: createCounts() }
  const dataDir = join(log.path, name)
  return openPartition({ ...common, ...storesIn(dataDir), number, reply: () => undefined, producer: name })
}

async function append(number: number, clear: Input): Promise<void> {
  counter += 1
  const message: LogMessage = {
    ...{ version: logVersion, producer: 'test', counter, lane: 'visit', replyTo: '' },
    events: [{ clear, personal: Buffer.of(0) }],
  }
  await log.link.store(subjects.log(number), pack(message), messageId(message), 5_000)
}

test('what the key store remembers is erased again before the partition answers, and said only once', async () => {
  await append(0, { kind: 'configured', tenant, version: 'v1', policy })
  await append(0, hello)
  await remember('restored', 0, tenant)
  const owned = await own('restored', 0)
  const { partition } = owned
  expect(isCurrent(partition)).toBe(false)
  await until(
    async () => isCurrent(partition),
    current => current,
  )
  expect(partition.state.tenants.get(tenant)?.sessions.size).toBe(0)
  expect([...partition.erasures.pending.values()]).toMatchObject([{ request: 'request-1', tenant }])
  await until(
    async () => partition.store.find(tenant, `v:${visitor}`, null, 9).length,
    count => count === 0,
  )
  const [first] = partition.store.audit(tenant, 0, 1)
  expect(first).toMatchObject({ action: 'subject-erased', detail: { because: 'restored' } })
  await leave(owned)

  const again = await own('restored', 0)
  expect(again.partition.erasures.owed.size).toBe(0)
  await until(
    async () => isCurrent(again.partition),
    current => current,
  )
  const actions = again.partition.store.audit(tenant, 0, 9).map(({ action }) => action)
  expect(actions.filter(action => action === 'subject-erased')).toHaveLength(1)
  await leave(again)
})

test('a tenant that had ended ends again', async () => {
  await append(2, { kind: 'configured', tenant, version: 'v1', policy })
  await append(2, hello)
  await remember('ended', 2, tenant, [])
  const owned = await own('ended', 2)
  await until(
    async () => isCurrent(owned.partition),
    current => current,
  )
  expect(owned.partition.state.tenants.has(tenant)).toBe(false)
  await until(
    async () => owned.partition.store.find(tenant, `v:${visitor}`, null, 9).length,
    count => count === 0,
  )
  await leave(owned)
})

test('an erasure of a tenant that nobody knows any more does not hold the partition up', async () => {
  await remember('empty', 1, 'nobody')
  const owned = await own('empty', 1)
  await until(
    async () => isCurrent(owned.partition),
    current => current,
  )
  await leave(owned)
})

test('a store that is older than what is remembered is refused, and one that is younger is not', async () => {
  await append(3, { kind: 'configured', tenant, version: 'v1', policy })
  const owned = await own('older', 3)
  await until(
    async () => owned.partition.committed > 0 && owned.partition.committed === owned.partition.applied,
    committed => committed,
  )
  const { now } = owned.partition.state
  await leave(owned)
  await forget(now - 2, now - 1)
  await leave(await own('older', 3))
  await forget(now + 1, now + 2)
  await expect(own('older', 3)).rejects.toThrow('(backups.keptFor), so it cannot be erased again')
})

/** What was erased at a time is remembered no more from a later time on. */
async function forget(atMs: number, beforeMs: number): Promise<void> {
  const { keyDir, rootKey } = storesIn(join(log.path, 'older'))
  const keys = await openKeyStore({ directory: join(keyDir, '003'), rootKey })
  await keys.noteErasure('nobody', `request-${atMs}`, people, atMs)
  await keys.forgetErasures(beforeMs, 100)
  await keys.close()
}
