import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../config/logger.ts'
import { type NatsChild, startNats } from '../../gateway/natsChild.ts'
import { benchSettings, startSystem, type System, temporaryFolder } from '../system.ts'
import { askAdmin, inShort, machineToken, makeKey } from './adminWorld.ts'
import { until } from './badInputsClient.ts'

/** Keys where gateways and the worker are processes of their own: what one gateway is told, the other knows. */
const folder = temporaryFolder()
const pepperFile = join(folder.path, 'pepper')
const rootKeyFile = join(folder.path, 'root-key')
let nats: NatsChild
let worker: System
let left: System
let right: System

async function startRole(role: 'gateway' | 'worker', name: string): Promise<System> {
  const port = Number(new URL(String(nats.link.servers)).port)
  const url = `nats://${nats.link.user}:${nats.link.password}@127.0.0.1:${port}`
  const dataDir = join(folder.path, name)
  mkdirSync(dataDir, { recursive: true })
  return startSystem({
    dataDir,
    settings: benchSettings({}, { nats: { url }, pepperFile, rootKeyFile }),
    command: [role],
  })
}

beforeAll(async () => {
  writeFileSync(pepperFile, randomBytes(32).toString('hex'))
  writeFileSync(rootKeyFile, randomBytes(32).toString('hex'))
  const storeDir = join(folder.path, 'nats')
  nats = await startNats({ storeDir, durability: 'durable', logger: createLogger('silent') })
  worker = await startRole('worker', 'worker')
  ;[left, right] = await Promise.all([startRole('gateway', 'left'), startRole('gateway', 'right')])
})

afterAll(async () => {
  for (const system of [left, right, worker]) await system?.killTree()
  await nats?.stop()
  folder.remove()
})

const ask = async (system: System, key?: string) =>
  inShort(await askAdmin(system, 'GET', '/v1/calls/x?tenant=bench', { key }))

test('a key that one gateway made works at the other at once, and closes it to everybody else within a second', async () => {
  expect(await ask(right)).toBe('404 unknown-call')
  const { key } = await makeKey(left, 'bench', 'analyst')
  expect(await ask(right, key)).toBe('404 unknown-call')
  const made = performance.now()
  await until(
    () => ask(right),
    answer => answer === '401 key-missing',
  )
  expect(performance.now() - made).toBeLessThan(1_000)
})

test('a key that one gateway revoked is refused by the other within a second', async () => {
  const { id, key } = await makeKey(left, 'bench', 'analyst')
  expect(await ask(right, key)).toBe('404 unknown-call')
  const path = `/v1/tenants/bench/keys/${id}/revoke`
  expect(inShort(await askAdmin(left, 'POST', path, { key: machineToken(left) }))).toBe('200')
  const revoked = performance.now()
  await until(
    () => ask(right, key),
    answer => answer === '401 key-revoked',
  )
  expect(performance.now() - revoked).toBeLessThan(1_000)
})

test('a gateway’s own token is no other’s', async () => {
  expect(inShort(await askAdmin(left, 'GET', '/v1/keys', { key: machineToken(left) }))).toBe('200')
  const answer = await askAdmin(right, 'GET', '/v1/keys', { key: machineToken(left) })
  expect(inShort(answer)).toBe('401 key-missing')
})

test('without the owner nobody gets in: a key cannot be judged, and that it is not judged is said', async () => {
  const { key } = await makeKey(left, 'bench', 'analyst')
  await worker.killTree()
  expect(await ask(left, key)).toBe('503 not-now')
  worker = await startRole('worker', 'worker')
  await until(
    () => ask(left, key),
    answer => answer === '404 unknown-call',
  )
})
