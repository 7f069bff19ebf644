import { spawnSync } from 'node:child_process'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../config/logger.ts'
import { type Link, openLink } from '../../config/nats.ts'
import { unpack } from '../../config/pack.ts'
import { loadRootKey } from '../../config/rootKey.ts'
import { headOf, openBytes, recordKey, splitParts } from '../../config/sealing.ts'
import { boundTo } from '../../core/subjectNames.ts'
import type { LogEvent, LogMessage } from '../../core/wire/log.ts'
import { streams, subjects } from '../../core/wire/subjects.ts'
import { type NatsChild, startNats } from '../../gateway/natsChild.ts'
import { periodMs } from '../../gateway/sealingKeys.ts'
import { type KeyStore, openKeyStore } from '../../workers/keys/keyStore.ts'
import { openStore, type Store } from '../../workers/store.ts'
import { searchFiles } from '../canary/search.ts'
import {
  bearer,
  benchTenant,
  origin,
  settingsOf,
  startSystem,
  type System,
  temporaryFolder,
} from '../system.ts'
import { helloText, metric, openSocket, until } from './badInputsClient.ts'
import { canaries } from '../listening/canaries.ts'

// Retention in real time on the assembled system: a minute for one tenant, and for another one that is shortened while it runs.

const folder = temporaryFolder()
const dataDir = join(folder.path, 'data')
const secondMs = 1_000
const kept = {
  minute: 60 * secondMs,
  before: 10 * 60 * secondMs,
  after: 30 * secondMs,
  address: 10 * secondMs,
}
/** A round a second, a pulse a second, and this machine's haste. */
const roundsMs = 4 * secondMs
let nats: NatsChild
let link: Link
let system: System

beforeAll(async () => {
  nats = await startNats({
    storeDir: join(folder.path, 'nats'),
    durability: 'lazy',
    logger: createLogger('silent'),
  })
  link = await openLink({ ...nats.link, name: 'test' })
  system = await startSystem({ dataDir, settings: settings('10m') })
})

afterAll(async () => {
  await system?.killTree()
  await link?.close()
  await nats?.stop()
  folder.remove()
})

function settings(shortened: string): object {
  const { port } = new URL(String(nats.link.servers))
  const tenants = [
    { ...benchTenant('minute', 'pk_minute', { numbers: ['+4570000001..+4570000009'] }), retention: '60s' },
    {
      ...benchTenant('shorter', 'pk_shorter', { numbers: ['+4570000011..+4570000019'] }),
      retention: shortened,
    },
  ]
  return settingsOf(
    tenants.map(tenant => ({ ...tenant, fieldRetention: { ipAddress: '10s' } })),
    { partitions: 1, nats: { url: `nats://${nats.link.user}:${nats.link.password}@127.0.0.1:${port}` } },
  )
}

async function visitAndCall(tenant: string): Promise<void> {
  const socket = await openSocket(system, origin, `pk_${tenant}`)
  const welcome = await socket.ask(helloText({ ids: { gclid: canaries.click } }))
  const fields = { name: canaries.name, phone: canaries.entered, mail: canaries.email }
  await socket.ask(JSON.stringify({ type: 'engagement', id: 2, action: 'submit', fields }))
  await socket.close()
  for (const state of ['ring', 'answer', 'end']) {
    const response = await fetch(`http://127.0.0.1:${system.publicPort}/v1/calls/generic/${tenant}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ call: canaries.call, state, a: canaries.phone, b: welcome.numbers?.[0]?.e164 }),
    })
    expect(response.status).toBe(200)
  }
}

/** Everything that LOG holds, as a backup of it would. */
async function readLog(): Promise<LogMessage[]> {
  const { lastSequence } = await link.streamState(streams.log)
  const messages: LogMessage[] = []
  await new Promise<void>(resolve => {
    const follower = link.follow({
      stream: streams.log,
      subject: subjects.everyLog,
      from: 1,
      trouble: () => undefined,
      take: ({ sequence, data }) => {
        messages.push(unpack(data) as LogMessage)
        if (sequence >= lastSequence) void follower.stop().then(resolve)
      },
    })
  })
  return messages
}

type Part = { readonly tenant: string; readonly belongsTo: string; readonly bytes: Uint8Array }

function partsOf({ clear, personal }: Pick<LogEvent, 'clear' | 'personal'>): Part[] {
  if (personal === null || !('tenant' in clear)) return []
  const sealed = splitParts(personal)
  return sealed.map(bytes => ({ tenant: clear.tenant, belongsTo: boundTo(clear), bytes }))
}

function rowsOf(store: Store) {
  return ['minute', 'shorter'].flatMap(tenant => store.history(tenant, 0, Number.MAX_SAFE_INTEGER, 1_000))
}

/** Tries every part with the keys that are left; the texts of those that open. */
function openAll(keys: KeyStore, parts: readonly Part[]): string[] {
  return parts.flatMap(({ tenant, belongsTo, bytes }) => {
    const head = headOf(bytes)
    const [subject, period] = [
      head && keys.subjectKey(head.subjectKeyId),
      head && keys.periodKey(head.periodKeyId),
    ]
    if (!subject || !period) return []
    const key = recordKey(subject.secret, period.secret, tenant)
    return [JSON.stringify(unpack(openBytes(bytes, key, tenant, belongsTo)))]
  })
}

async function openStores(directory: string) {
  const rootKey = loadRootKey({ rootKey: null, rootKeyCommand: null, dataDir: directory })
  const keys = await openKeyStore({ directory: join(directory, 'keys', '000'), rootKey })
  return { store: openStore(directory, 0), keys }
}

function shorten(): void {
  const file = join(folder.path, 'shorter.yaml')
  writeFileSync(file, JSON.stringify({ ...settings('30s'), dataDir: join(folder.path, 'elsewhere') }))
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['gateway/main.ts', 'apply', '--config', file],
    {
      cwd: join(import.meta.dirname, '../..'),
      encoding: 'utf8',
    },
  )
  expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('shorter')])
}

const destroyed = () => metric(system, 'ringtrail_period_keys_destroyed_total')

test('a minute after the last word nothing of it opens, on no copy, though nobody says anything more', async () => {
  await visitAndCall('minute')
  await visitAndCall('shorter')
  const lastAt = Date.now()
  const messages = await readLog()
  const parts = messages.flatMap(({ events }) => events.flatMap(partsOf))
  const periods = messages.flatMap(({ keys = [] }) => keys.filter(({ of }) => of === 'period'))
  expect(new Set(periods.map(({ tenant, name }) => `${tenant} ${name}`)).size).toBe(4)

  // The control: with what the system had then, every part opens, and what people said is in it.
  const copy = join(folder.path, 'copy')
  await until(
    () => metric(system, 'ringtrail_partition_position'),
    position => position >= messages.length,
  )
  cpSync(dataDir, copy, { recursive: true })
  const before = await openStores(copy)
  const rowsBefore = rowsOf(before.store)
  const said = openAll(before.keys, parts)
  await before.store.close()
  await before.keys.close()
  expect(rowsBefore.length).toBeGreaterThanOrEqual(10)
  expect(said).toHaveLength(parts.length)
  for (const canary of [canaries.phone, canaries.email, canaries.click, '127.0.0.1'])
    expect(said.join()).toContain(canary)
  expect(searchFiles([dataDir, join(folder.path, 'nats')], [canaries.phone, canaries.email])).toEqual([])

  shorten()
  const goneAt = await lastOf(periods.length)
  const latest = Math.max(
    kept.minute + periodMs(kept.minute),
    // Gateways seal by the period that they began; it ends with the shorter time.
    kept.after + periodMs(kept.before),
  )
  expect((goneAt.at(-1) ?? 0) - lastAt).toBeLessThan(latest + roundsMs)

  expect(await system.stop()).toBe(0)
  const everything = [...(await readLog()).flatMap(({ events }) => events.flatMap(partsOf)), ...parts]
  const after = await openStores(dataDir)
  const rows = rowsOf(after.store)
  const inventory = [...after.keys.inventory().tenants.values()]
  const opened = openAll(after.keys, [...everything, ...rowsBefore.flatMap(({ event }) => partsOf(event))])
  const changes = after.store.audit('shorter', 0, 100).filter(({ action }) => action === 'retention-changed')
  await after.store.close()
  await after.keys.close()
  expect(rows).toEqual([])
  expect(inventory.map(({ periodKeys }) => periodKeys)).toEqual([0, 0])
  expect(everything.length).toBeGreaterThanOrEqual(2 * parts.length)
  expect(opened).toEqual([])
  expect(changes.map(({ detail }) => [detail.beforeMs, detail.retentionMs])).toEqual([
    [kept.before, kept.after],
  ])
})

/** When each of so many keys was destroyed. */
async function lastOf(count: number): Promise<number[]> {
  const at: number[] = []
  await until(
    async () => {
      const now = await destroyed()
      while (at.length < now) at.push(Date.now())
      return now
    },
    now => now >= count,
    120_000,
  )
  return at
}
