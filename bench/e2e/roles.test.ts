import { randomBytes } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../config/logger.ts'
import { type Link, openLink } from '../../config/nats.ts'
import { unpack } from '../../config/pack.ts'
import type { ReplyMessage } from '../../core/wire/reply.ts'
import { subjects } from '../../core/wire/subjects.ts'
import { type NatsChild, startNats } from '../../gateway/natsChild.ts'
import { consumeResults } from '../kill/results.ts'
import {
  benchSettings,
  ownNumber,
  startRefused,
  startSystem,
  type System,
  temporaryFolder,
} from '../system.ts'
import {
  type CallAnswer,
  generic,
  helloText,
  metricsText,
  openSocket,
  post,
  until,
} from './badInputsClient.ts'
import { openWire, type Wire } from './wire.ts'

/** Gateways and workers as processes of their own, at one nats-server. */
const folder = temporaryFolder()
const pepperFile = join(folder.path, 'pepper')
const rootKeyFile = join(folder.path, 'root-key')
const running = new Set<System>()
let nats: NatsChild
let link: Link
/** Between the first gateway and the nats-server: it can be cut. */
let wire: Wire
let natsPort: number

beforeAll(async () => {
  writeFileSync(pepperFile, randomBytes(32).toString('hex'), { mode: 0o600 })
  writeFileSync(rootKeyFile, randomBytes(32).toString('hex'), { mode: 0o600 })
  const storeDir = join(folder.path, 'nats')
  nats = await startNats({ storeDir, durability: 'durable', logger: createLogger('silent') })
  natsPort = Number(new URL(String(nats.link.servers)).port)
  wire = await openWire()
  wire.to = natsPort
  link = await openLink({ ...nats.link, name: 'test' })
})

afterAll(async () => {
  await Promise.all([...running].map(system => system.killTree()))
  await link.close()
  await wire.stop()
  await nats.stop()
  folder.remove()
})

type Place = {
  readonly name: string
  readonly port?: number
  readonly pool?: object
  readonly server?: object
}

async function startRole(
  command: readonly string[],
  { name, port = natsPort, pool = {}, server = {} }: Place,
) {
  const url = `nats://${nats.link.user}:${nats.link.password}@127.0.0.1:${port}`
  const dataDir = join(folder.path, name)
  mkdirSync(dataDir, { recursive: true })
  const settings = benchSettings(pool, { nats: { url }, pepperFile, rootKeyFile, ...server })
  const system = await startSystem({ dataDir, settings, command })
  running.add(system)
  return system
}

const wirePort = () => Number(new URL(wire.origin).port)

async function ring(system: System, call: string, b: string): Promise<CallAnswer> {
  const signal = { call, state: 'ring', a: '+4520304050', b, at: new Date().toISOString() }
  const { body } = await post(system, generic, JSON.stringify(signal))
  return body as CallAnswer
}

async function record(system: System, call: string): Promise<CallAnswer> {
  const answer = await fetch(`http://127.0.0.1:${system.adminPort}/v1/calls/${call}`)
  return (await answer.json()) as CallAnswer
}

async function readyz(system: System): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`http://127.0.0.1:${system.adminPort}/readyz`)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const isReady = (system: System) =>
  until(
    () => readyz(system),
    ({ status }) => status === 200,
  )

/** Every reply that any owner sends to any gateway, by the message it answers. */
function hearReplies(): ReadonlyMap<string, string[]> {
  const heard = new Map<string, string[]>()
  link.subscribe(subjects.gateway('*'), message => {
    const { producer, counter, replies } = unpack(message.data) as ReplyMessage
    const id = `${producer}|${counter}`
    heard.set(id, [...(heard.get(id) ?? []), JSON.stringify(replies)])
  })
  return heard
}

type Visit = { readonly visitor: string; readonly session: string; readonly b: string }

async function visitAt(gateway: System): Promise<Visit> {
  const visitor = randomBytes(16).toString('base64url')
  const socket = await openSocket(gateway)
  const { session, numbers } = await socket.ask(helloText({ visitor }))
  return { visitor, session: String(session), b: String(numbers?.[0]?.e164) }
}

/** The gateway loses the log, puts a caller through on its own, and dies with that call in its outbox. */
async function dieWithCall(gateway: System, call: string, b: string): Promise<void> {
  wire.to = 1
  wire.cut()
  const { match, forward } = await ring(gateway, call, b)
  expect({ kind: match.kind, forward }).toEqual({ kind: 'deferred', forward: ownNumber })
  await kill(gateway)
  wire.to = natsPort
}

async function kill(system: System): Promise<void> {
  await system.killMain()
  running.delete(system)
}

test('gateways are disposable, and two owners do no harm', async () => {
  const replies = hearReplies()
  const [worker, first, second] = await Promise.all([
    startRole(['worker'], { name: 'worker-1' }),
    startRole(['gateway'], { name: 'gateway-1', port: wirePort() }),
    startRole(['gateway'], { name: 'gateway-2' }),
  ])
  await isReady(worker)
  const { visitor, session, b } = await visitAt(first)
  const exact = { kind: 'exact', session }
  await dieWithCall(first, 'dark', b)

  const again = await openSocket(second)
  const welcome = await again.ask(helloText({ visitor, session }))
  expect(welcome).toMatchObject({ session, resumed: true, numbers: [{ e164: b }] })
  expect((await ring(second, 'c1', b)).match).toMatchObject(exact)

  const reborn = await startRole(['gateway'], { name: 'gateway-1', port: wirePort() })
  // Callers are not kept waiting for what an earlier life left: it may be resent after the start.
  const resent = await until(
    async () => reborn.lines().find(({ msg }) => msg === 'outbox_resent'),
    line => line !== undefined,
  )
  expect(resent).toMatchObject({ resent: 1 })
  const dark = await until(
    () => record(second, 'dark'),
    ({ match }) => match !== undefined,
  )
  expect(dark.match).toMatchObject(exact)

  const standby = await startRole(['worker'], { name: 'worker-2' })
  await isReady(standby)
  expect((await ring(second, 'c2', b)).match).toMatchObject(exact)
  const answeredTwice = async () => [...replies.values()].filter(all => all.length > 1)
  await until(answeredTwice, all => all.length > 3)
  expect((await answeredTwice()).filter(all => new Set(all).size > 1)).toEqual([])

  await kill(worker)
  expect((await ring(second, 'c3', b)).match).toMatchObject(exact)
  expect((await ring(reborn, 'c4', b)).match).toMatchObject(exact)
  await isReady(second)
  const consumed = await until(
    () => consumeResults(folder.path),
    ({ taken }) => taken.has('c4 ring'),
  )
  const rings = ['c1', 'c2', 'c3', 'c4', 'dark'].map(call => `${call} ring`)
  // That the same caller had called before it became known after c1: its record is made again (rule C11).
  const once = ['c1 null', ...rings].map(name => [name, 1])
  expect([...consumed.taken].map(([name, of]) => [name, of.length]).sort()).toEqual(once)
  await leave(standby, reborn, second)
})

/** A clean stop of every role ends with 0. */
async function leave(...systems: System[]): Promise<void> {
  expect(await Promise.all(systems.map(system => system.stop()))).toEqual(systems.map(() => 0))
  for (const system of systems) running.delete(system)
}

test('owners die and come back in mid-traffic: no caller hears another answer, and no result is lost or doubled', async () => {
  const [one, two, left, right] = await Promise.all([
    startRole(['worker'], { name: 'worker-1' }),
    startRole(['worker'], { name: 'worker-2' }),
    startRole(['gateway'], { name: 'gateway-1' }),
    startRole(['gateway'], { name: 'gateway-2' }),
  ])
  await Promise.all([left, right].map(isReady))
  const { session, b } = await visitAt(left)
  const answers = new Map<string, CallAnswer>()
  const calls = Array.from({ length: 400 }, (_, index) => `m${String(index).padStart(3, '0')}`)
  const ringAll = async (some: readonly string[]) => {
    for (const call of some) answers.set(call, await ring(answers.size % 2 === 0 ? left : right, call, b))
  }
  await ringAll(calls.slice(0, 100))
  await Promise.all([ringAll(calls.slice(100, 200)), kill(one)])
  const [again] = await Promise.all([
    startRole(['worker'], { name: 'worker-1' }),
    ringAll(calls.slice(200, 300)),
  ])
  await isReady(again)
  await Promise.all([ringAll(calls.slice(300)), kill(two)])

  const kinds = [...answers.values()].map(({ match }) => match.kind)
  const known = [...answers.values()].filter(({ match }) => match.kind !== 'deferred')
  expect(known.filter(({ match }) => match.kind !== 'exact' || match.session !== session)).toEqual([])
  expect(kinds.filter(kind => kind === 'deferred').length).toBeLessThan(40)
  const consumed = await until(
    () => consumeResults(folder.path),
    ({ taken }) => calls.every(call => taken.has(`${call} ring`)),
  )
  expect(calls.filter(call => consumed.taken.get(`${call} ring`)?.length !== 1)).toEqual([])
  for (const call of calls)
    expect((await record(right, call)).match).toMatchObject({ kind: 'exact', session })
  await leave(again, left, right)
})

test('gateways with different files leave what is in force, and an operator changes it', async () => {
  const [worker, gateway] = await Promise.all([
    startRole(['worker', '--partitions', '0-3'], { name: 'worker-1' }),
    startRole(['gateway'], { name: 'gateway-1' }),
  ])
  const newer = { overflow: 'fallback' }
  const other = await startRole(['gateway'], { name: 'gateway-2', pool: newer })
  expect(other.lines()).toContainEqual(
    expect.objectContaining({ msg: 'other_configuration_in_force', tenant: 'bench' }),
  )
  const inForce = async () =>
    Promise.all([gateway, other].map(async one => (await readyz(one)).body.otherConfiguration))
  expect(await inForce()).toEqual([[], ['bench']])
  expect(applied('gateway-2')).toBe('bench: changed\n')
  // What the partitions said holds for a moment.
  await until(inForce, all => isDeepStrictEqual(all, [['bench'], []]))
  expect(applied('gateway-2')).toBe('bench: in force\n')

  // The older file comes again, and takes nothing back.
  await leave(gateway)
  const older = await startRole(['gateway'], { name: 'gateway-1' })
  expect((await readyz(older)).body.otherConfiguration).toEqual(['bench'])
  expect((await readyz(other)).body.otherConfiguration).toEqual([])
  const { session, b } = await visitAt(older)
  expect((await ring(other, 'd1', b)).match).toMatchObject({ kind: 'exact', session })
  await leave(older, other, worker)
})

test('a gateway puts callers through while no worker runs, and says that it is not ready', async () => {
  const gateway = await startRole(['gateway'], { name: 'gateway-1' })
  expect(gateway.lines()).toContainEqual(expect.objectContaining({ msg: 'no_worker_answers' }))
  const health = await fetch(`http://127.0.0.1:${gateway.publicPort}/healthz`)
  expect([health.status, (await readyz(gateway)).status]).toEqual([200, 503])
  const { match, forward } = await ring(gateway, 'e1', '+4570000001')
  expect({ kind: match.kind, forward }).toEqual({ kind: 'deferred', forward: ownNumber })
  const worker = await startRole(['worker'], { name: 'worker-1' })
  const answered = await until(
    () => record(gateway, 'e1'),
    answer => answer.match !== undefined,
  )
  expect(answered.match.kind).not.toBe('deferred')
  await isReady(gateway)
  await leave(gateway, worker)
})

test('the nats-server dies: callers are put through, and every role finds it again', async () => {
  const [worker, gateway] = await Promise.all([
    startRole(['worker'], { name: 'worker-1' }),
    startRole(['gateway'], { name: 'gateway-1' }),
  ])
  const { session, b } = await visitAt(gateway)
  process.kill(Number(readFileSync(join(folder.path, 'nats/server.pid'), 'utf8')), 'SIGKILL')
  expect((await ring(gateway, 'f1', b)).match.kind).toBe('deferred')
  const answered = await until(
    () => record(gateway, 'f1'),
    answer => answer.match !== undefined,
  )
  expect(answered.match).toMatchObject({ kind: 'exact', session })
  await Promise.all([worker, gateway].map(isReady))
  expect((await ring(gateway, 'f2', b)).match).toMatchObject({ kind: 'exact', session })
  await leave(gateway, worker)
})

test('a welcome whose reply was lost comes all the same', async () => {
  const worker = await startRole(['worker'], { name: 'slow-worker' })
  const gateway = await startRole(['gateway'], { name: 'cut-gateway', port: wirePort() })
  await isReady(gateway)
  const socket = await openSocket(gateway)
  process.kill(worker.pid, 'SIGSTOP')
  expect(await socket.ask(helloText())).toMatchObject({ type: 'error', code: 'not-now' })
  wire.to = 1
  wire.cut()
  process.kill(worker.pid, 'SIGCONT')
  await until(
    () => metricsText(worker),
    text => /ringtrail_entries_total\{kind="hello"\} [1-9]/.test(text),
  )
  wire.to = natsPort
  expect(await socket.next()).toMatchObject({ type: 'welcome', resumed: true })
  await socket.close()
  await leave(gateway, worker)
  const said = (system: System) =>
    system.lines().flatMap(({ msg }) => (msg?.startsWith('nats_') ? [msg] : []))
  expect([gateway, worker].map(said)).toEqual([['nats_lost', 'nats_back'], []])
}, 60_000)

test.each(['gateway', 'worker'])(
  'a %s with a wrong password says where to look, and not the password',
  async role => {
    const url = `nats://${nats.link.user}:wrong-one@127.0.0.1:${natsPort}`
    const settings = benchSettings({}, { nats: { url }, pepperFile, rootKeyFile })
    const dataDir = join(folder.path, `${role}-let-out`)
    mkdirSync(dataDir)
    const { code, text } = await startRefused({ dataDir, settings, command: [role] })
    expect({ code, text: unwarned(text) }).toEqual({
      code: 1,
      text: `The nats-server of nats.url, nats://127.0.0.1:${natsPort}, does not let us in: look at the user and the password in nats.url or RINGTRAIL_NATS_URL, and at the users of its own configuration.\n`,
    })
  },
)

test('two workers share the partitions, and every process has its listener for monitors', async () => {
  const [left, gateway] = await Promise.all([
    startRole(['worker', '--partitions', '0,1'], { name: 'worker-1' }),
    startRole(['gateway'], { name: 'gateway-1' }),
  ])
  expect((await readyz(gateway)).body.missingPartitions).toBe(2)
  const right = await startRole(['worker', '--partitions', '2-3'], { name: 'worker-2' })
  await Promise.all([left, right, gateway].map(isReady))
  expect((await readyz(right)).body).toMatchObject({ partitions: 2, missingPartitions: 0, behind: [] })
  const live = await fetch(`http://127.0.0.1:${right.adminPort}/livez`)
  expect(live.status).toBe(200)
  expect(await metricsText(right)).toMatch(/^ringtrail_store_used_bytes\{partition="3"\}/m)
  expect(await metricsText(right)).not.toMatch(/^ringtrail_(sockets|outbox_entries)\b/m)
  expect(await metricsText(gateway)).toMatch(/^ringtrail_sockets\{kind="visitor"\} 0$/m)
  expect(await metricsText(gateway)).not.toMatch(/^ringtrail_store_used_bytes/m)
  await leave(left, right, gateway)
})

/** What it says besides of a configuration that may be looked at. */
const unwarned = (text: string) => text.replaceAll(/^warning: .*\n/gm, '')

/** What `ringtrail apply` says of the file of a place. */
function applied(name: string): string {
  const config = join(folder.path, `${name}.yaml`)
  const { stdout, stderr } = ringtrail(['apply', '--config', config])
  return stdout + stderr
}

function ringtrail(command: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const repository = join(import.meta.dirname, '../..')
  return spawnSync(process.execPath, ['gateway/main.ts', ...command], { cwd: repository, encoding: 'utf8' })
}

test.each([
  ['gateway', {}, 'ringtrail gateway needs nats.url in '],
  ['worker', {}, 'ringtrail worker needs nats.url in '],
  ['apply', {}, 'There is no key to show: '],
  ['gateway', { nats: { url: 'nats://127.0.0.1:1' } }, 'ringtrail gateway needs pepperFile in '],
  [
    'worker',
    { nats: { url: 'nats://127.0.0.1:1' } },
    'ringtrail worker needs rootKeyFile or rootKeyCommand in ',
  ],
])('%s with %j is refused with a sentence', (role, server, sentence) => {
  const config = join(folder.path, 'lacking.yaml')
  writeFileSync(config, JSON.stringify(benchSettings({}, server)))
  const { status, stderr } = ringtrail([role, '--config', config])
  const said = unwarned(stderr)
  expect([status, said.slice(0, sentence.length), said.split('\n').length]).toEqual([1, sentence, 2])
})

test('partitions that the deployment does not have, or another number of them, are refused', async () => {
  const place = { name: 'worker-3' }
  await expect(startRole(['worker', '--partitions', '0-4'], place)).rejects.toThrow('from 0 to 3')
  await expect(startRole(['worker'], { ...place, server: { partitions: 8 } })).rejects.toThrow(
    'Stream LOG was made with 4 partitions and this configuration says 8.',
  )
})
