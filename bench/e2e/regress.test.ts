import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from '../../config/logger.ts'
import { type Link, openLink } from '../../config/nats.ts'
import { pack } from '../../config/pack.ts'
import { findNatsServer } from '../../config/setup/natsServer.ts'
import { logStream, resultsStream } from '../../config/streams.ts'
import { type LogMessage, logVersion, messageId } from '../../core/wire/log.ts'
import { subjects } from '../../core/wire/subjects.ts'
import { createCounts } from '../../workers/counts.ts'
import { moveWhileIdle } from '../../workers/idle.ts'
import { type Owned, openPartition } from '../../workers/open.ts'
import { temporaryFolder } from '../system.ts'
import { until } from './badInputsClient.ts'
import { leave, storesIn } from './storesIn.ts'

/** A log that comes back as it was at its fifth entry, as from a backup, after owners have applied ten. */
let folder: ReturnType<typeof temporaryFolder>
let server: ChildProcess
let port: number
let link: Link
let counter = 0

beforeEach(async () => {
  folder = temporaryFolder()
  port = await freePort()
  await startServer()
  link = await openLink({ servers: `nats://127.0.0.1:${port}`, name: 'test' })
  await link.ensureStream(logStream())
  await link.ensureStream(resultsStream())
  for (let sequence = 1; sequence <= 5; sequence++) await append()
  await restart(() => cpSync(join(folder.path, 'nats'), join(folder.path, 'backup'), { recursive: true }))
})

afterEach(async () => {
  await link.close()
  await stopServer()
  folder.remove()
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>(done => probe.listen(0, '127.0.0.1', done))
  const { port: free } = probe.address() as AddressInfo
  await new Promise(done => probe.close(done))
  return free
}

async function startServer(): Promise<void> {
  const { path } = await findNatsServer()
  const store = join(folder.path, 'nats')
  const args = ['--pdeathsig', 'KILL', path, '-a', '127.0.0.1', '-p', String(port), '-js', '-sd', store]
  server = spawn('setpriv', args, { stdio: 'ignore' })
}

async function stopServer(): Promise<void> {
  const gone = new Promise(done => server.once('exit', done))
  server.kill('SIGTERM')
  await gone
}

/** Does something while the server is away. */
async function restart(meanwhile: () => void): Promise<void> {
  const before = link.reconnects()
  await stopServer()
  meanwhile()
  await startServer()
  await until(
    async () => link.reconnects(),
    reconnects => reconnects > before,
  )
}

/** The log is the one of the backup again, and then grows by so many other entries. */
async function comeBack(growsBy: number): Promise<void> {
  await restart(() => {
    rmSync(join(folder.path, 'nats'), { recursive: true })
    cpSync(join(folder.path, 'backup'), join(folder.path, 'nats'), { recursive: true })
  })
  for (let count = 0; count < growsBy; count++) await append()
}

/** An entry of partition 0 that changes nothing; it is tried until the server takes it. */
async function append(): Promise<void> {
  counter += 1
  const message: LogMessage = {
    version: logVersion,
    producer: 'test',
    counter,
    lane: 'pulse',
    replyTo: '',
    events: [{ clear: { kind: 'pulse' }, personal: null }],
  }
  const bytes = pack(message)
  await until(
    () => link.store(subjects.log(0), bytes, messageId(message), 5_000),
    () => true,
  )
}

function own(number: number): Promise<Owned> {
  const [dataDir, logger, counts] = [join(folder.path, 'data'), createLogger('silent'), createCounts()]
  return openPartition({
    number,
    link,
    reply: () => undefined,
    counts,
    logger,
    ...storesIn(dataDir),
    producer: 'test',
  })
}

const committedUpTo = ({ partition }: Owned, sequence: number) =>
  until(
    async () => partition.committed,
    committed => committed === sequence,
  )

/** An owner of a partition that has committed ten entries. */
async function ownerAtTen(number: number): Promise<Owned> {
  const owned = await own(number)
  for (let sequence = 6; sequence <= 10; sequence++) await append()
  if (number !== 0) await moveWhileIdle(owned)
  await committedUpTo(owned, 10)
  return owned
}

test('a log that comes back as it was is no trouble', async () => {
  const owned = await ownerAtTen(0)
  await restart(() => undefined)
  await until(owned.checkLog, () => true)
  await append()
  await committedUpTo(owned, 11)
  expect(owned.partition.stopped).toBe(null)
  await leave(owned)
})

test('a log that comes back shorter under a running owner stops it', async () => {
  const owned = await ownerAtTen(0)
  await comeBack(0)
  await until(owned.checkLog, () => true)
  expect(owned.partition.stopped).toBe('log_regressed')
  await leave(owned)
})

test('a log that comes back and grows past a running owner stops it before it applies any of it', async () => {
  const owned = await ownerAtTen(0)
  await comeBack(7)
  // The follower finds it by itself: nobody asks here.
  await until(
    async () => owned.partition.stopped,
    stopped => stopped === 'log_regressed',
  )
  expect(owned.partition).toMatchObject({ applied: 10, committed: 10 })
  await leave(owned)
})

test('an owner whose partition has no entries finds it too, and does not move past it', async () => {
  const owned = await ownerAtTen(1)
  await comeBack(7)
  await moveWhileIdle(owned)
  expect(owned.partition).toMatchObject({ applied: 10, stopped: 'log_regressed' })
  await leave(owned)
})

test('a log that came back and has grown past the position is found when a store is opened', async () => {
  await leave(await ownerAtTen(0))
  await comeBack(7)
  const again = await own(0)
  expect(again.partition).toMatchObject({ applied: 10, stopped: 'log_regressed' })
  await leave(again)
})
