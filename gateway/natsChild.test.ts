import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLogger } from '../config/logger.ts'
import { findNatsServer } from '../config/setup/natsServer.ts'
import { probeGreeting } from './muteWatch.ts'
import { type NatsChild, startNats } from './natsChild.ts'

// The nats-server is a real one, and dies a real death.

const storeDir = mkdtempSync(join(tmpdir(), 'ringtrail-child-'))
const config = join(storeDir, 'server.conf')
const said: { msg: string }[] = []
const logger = createLogger('info', { write: line => void said.push(JSON.parse(line) as { msg: string }) })
const setup = { storeDir, durability: 'lazy', logger } as const
let nats: NatsChild

beforeAll(async () => {
  nats = await startNats(setup)
})

afterAll(async () => {
  await nats.stop()
  rmSync(storeDir, { recursive: true, force: true })
})

const port = () => Number(new URL(String(nats.link.servers)).port)
const killServer = () => process.kill(Number(readFileSync(join(storeDir, 'server.pid'), 'utf8')), 'SIGKILL')
const times = (msg: string) => said.filter(line => line.msg === msg).length
const within = { timeout: 20_000, interval: 20 }

/** Waits until a server runs again for the nth time, and greets. */
async function runsAgain(nth: number): Promise<void> {
  await vi.waitFor(() => expect(times('nats_runs_again')).toBe(nth), within)
  expect(await probeGreeting(port())).toBe('greeted')
}

/** What is in the place of the configuration cannot be overwritten, until `free`. */
function blockConfig(): () => void {
  rmSync(config)
  mkdirSync(config)
  return () => rmSync(config, { recursive: true })
}

/** While `work` runs, a program is looked for in these folders. */
async function withPath(path: string, work: () => Promise<unknown>): Promise<void> {
  const before = process.env.PATH
  process.env.PATH = path
  try {
    await work()
  } finally {
    process.env.PATH = before
  }
}

test('where nothing is flushed it leaves most processors to those who share the machine', () => {
  const pid = readFileSync(join(storeDir, 'server.pid'), 'utf8').trim()
  const quarter = Math.max(1, Math.floor(availableParallelism() / 4))
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  expect(environment.filter(one => one.startsWith('GOMAXPROCS='))).toEqual([
    `GOMAXPROCS=${process.env.GOMAXPROCS ?? quarter}`,
  ])
})

test('a server that was killed is started again, on its port', async () => {
  killServer()
  await runsAgain(1)
  expect(nats.restarts()).toBe(1)
})

test('its last words are about itself, not what came over a connection', async () => {
  const socket = connect(port(), '127.0.0.1').resume()
  socket.on('error', () => undefined)
  const { user, password: pass } = nats.link
  socket.write(`CONNECT ${JSON.stringify({ user, pass, verbose: false })}\r\n"+4520304050" is no command\r\n`)
  await once(socket, 'close')
  killServer()
  await runsAgain(2)
  expect(said.findLast(line => line.msg === 'nats_died')).toMatchObject({ said: expect.any(String) })
  expect(JSON.stringify(said)).not.toContain('20304050')
})

test('one that cannot be started again is tried until it can be', async () => {
  const free = blockConfig()
  killServer()
  await vi.waitFor(() => expect(times('nats_not_started')).toBeGreaterThan(1), within)
  expect(said.find(line => line.msg === 'nats_not_started')).toMatchObject({ name: 'Error', code: 'EISDIR' })
  expect(await probeGreeting(port())).toBe('refused')
  free()
  await runsAgain(3)
  killServer()
  await runsAgain(4)
})

test('one for which no process can be begun comes back too', async () => {
  const before = times('nats_not_started')
  await withPath('/nowhere', async () => {
    killServer()
    await vi.waitFor(() => expect(times('nats_not_started')).toBeGreaterThan(before), within)
    expect(said.at(-1)).toMatchObject({ name: 'NotStarted', said: expect.stringContaining('util-linux') })
  })
  await runsAgain(5)
})

test('its configuration is written beside its place and moved there', () => {
  expect(existsSync(`${config}.new`)).toBe(false)
  expect(readFileSync(config, 'utf8')).toContain(`port: ${port()}\n`)
})

describe('a first start that fails', () => {
  let other: string
  beforeEach(() => {
    other = mkdtempSync(join(tmpdir(), 'ringtrail-child-'))
  })
  afterEach(() => rmSync(other, { recursive: true }))

  test('says at once what the server said at its end', async () => {
    writeFileSync(join(other, 'jetstream'), 'not a folder')
    const begun = Date.now()
    await expect(startNats({ ...setup, storeDir: other })).rejects.toThrow(
      /did not start .*storage directory/i,
    )
    expect(Date.now() - begun).toBeLessThan(10_000)
  })

  test('says what to install where setpriv is missing', async () => {
    const { path } = await findNatsServer()
    symlinkSync(path, join(other, 'nats-server'))
    await withPath(other, () =>
      expect(startNats({ ...setup, storeDir: join(other, 'store') })).rejects.toThrow('Install util-linux'),
    )
  })
})
