import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '../config/logger.ts'
import type { LinkOptions } from '../config/nats.ts'
import { storeBytesMax, streamSizes } from '../config/streams.ts'
import { findNatsServer } from '../config/setup/natsServer.ts'
import { probeGreeting, watchMute } from './muteWatch.ts'

/**
 * The local nats-server: a child in a process group of its own, on loopback, on a port that is free, with a password
 * made at start. It does not outlive us (the kernel kills it with our main thread), and one that somehow did is ended
 * first, because two servers on one store lose acknowledged entries.
 */
export type NatsChild = {
  readonly link: LinkOptions
  restarts(): number
  /** How often it was killed because it had fallen mute. */
  mutes(): number
  stop(): Promise<void>
}

export type NatsChildSetup = {
  readonly storeDir: string
  readonly durability: 'durable' | 'lazy'
  /** Left out: as the streams have it. */
  readonly logBytes?: number
  readonly logger: Logger
}

const startedWithinMs = 15_000
const restartWaitMs = 200
const stopWithinMs = 5_000

export async function startNats(setup: NatsChildSetup): Promise<NatsChild> {
  const { path } = await findNatsServer()
  mkdirSync(setup.storeDir, { recursive: true, mode: 0o700 })
  await endLeftover(setup.storeDir)
  const password = randomBytes(24).toString('base64url')
  const life: Life = { child: null, port: -1, restarts: 0, mutes: 0, stopping: false }
  await start(setup, path, password, life)
  const watch = watchMute(
    () => probeGreeting(life.port),
    () => endMute(setup, life),
  )
  return {
    link: { servers: `nats://127.0.0.1:${life.port}`, user: 'ringtrail', password, name: 'ringtrail' },
    restarts: () => life.restarts,
    mutes: () => life.mutes,
    stop: () => {
      watch.stop()
      return stop(life)
    },
  }
}

/** It takes connections and says nothing: what it has acknowledged is on its disk, so it can be killed like any other. */
function endMute({ logger }: NatsChildSetup, life: Life): void {
  if (life.stopping) return
  life.mutes += 1
  logger.error({ mutes: life.mutes }, 'nats_mute')
  life.child?.kill('SIGKILL')
}

type Life = { child: ChildProcess | null; port: number; restarts: number; mutes: number; stopping: boolean }

const files = (storeDir: string) => ({
  config: join(storeDir, 'server.conf'),
  pid: join(storeDir, 'server.pid'),
})

/**
 * `max_file_store`: left to itself the server counts what the disk has free, and refuses its streams where that is less.
 * `durable`: an acknowledgement comes after a flush to the disk. The first start takes any free port and later ones keep it.
 */
function configText(setup: NatsChildSetup, password: string, port: number): string {
  return [
    'host: "127.0.0.1"',
    `port: ${port}`,
    'server_name: "ringtrail"',
    `pid_file: ${JSON.stringify(files(setup.storeDir).pid)}`,
    `ports_file_dir: ${JSON.stringify(setup.storeDir)}`,
    'max_payload: 8388608',
    'max_pending: 67108864',
    'disable_sublist_cache: false',
    `authorization { user: "ringtrail", password: ${JSON.stringify(password)} }`,
    `jetstream { store_dir: ${JSON.stringify(setup.storeDir)}, max_file_store: ${storeBytesMax(streamSizes(setup.logBytes))}${setup.durability === 'durable' ? ', sync_interval: always' : ''} }`,
    'logtime: true',
    '',
  ].join('\n')
}

async function start(setup: NatsChildSetup, path: string, password: string, life: Life): Promise<void> {
  const { config } = files(setup.storeDir)
  writeFileSync(config, configText(setup, password, life.port), { mode: 0o600 })
  removePortsFiles(setup.storeDir)
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', path, '-c', config], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  life.child = child
  const lines: string[] = []
  child.stderr?.on('data', chunk => {
    lines.push(String(chunk))
    if (lines.length > 20) lines.shift()
  })
  child.once('exit', () => void restart(setup, path, password, life))
  child.once('error', () => void 0)
  life.port = await portOf(setup.storeDir, child, lines)
}

/** nats-server writes the port it took into a file named after its pid. */
async function portOf(storeDir: string, child: ChildProcess, lines: string[]): Promise<number> {
  const until = Date.now() + startedWithinMs
  while (Date.now() < until && child.exitCode === null) {
    const file = join(storeDir, `nats-server_${child.pid}.ports`)
    if (existsSync(file)) {
      const text = readFileSync(file, 'utf8')
      const port = /:(\d+)/.exec(text)?.[1]
      if (port !== undefined) return Number(port)
    }
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(
    `nats-server did not start on ${storeDir}: ${lines.join('').trim().split('\n').pop() ?? 'no reason given'}`,
  )
}

function removePortsFiles(storeDir: string): void {
  for (const file of readdirSync(storeDir))
    if (file.endsWith('.ports')) rmSync(join(storeDir, file), { force: true })
}

async function restart(setup: NatsChildSetup, path: string, password: string, life: Life): Promise<void> {
  if (life.stopping || life.port < 0) return
  life.restarts += 1
  setup.logger.error({ restarts: life.restarts }, 'nats_died')
  await new Promise(resolve => setTimeout(resolve, restartWaitMs))
  if (life.stopping) return
  await start(setup, path, password, life).catch(error =>
    setup.logger.error({ name: (error as Error).name }, 'nats_not_started'),
  )
}

/** Ends a server that still lives on this store: only if the process of the pid file really is one. */
async function endLeftover(storeDir: string): Promise<void> {
  const { pid: file } = files(storeDir)
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8'))
  if (!isServerOf(pid, storeDir)) return rmSync(file, { force: true })
  process.kill(pid, 'SIGKILL')
  while (isServerOf(pid, storeDir)) await new Promise(resolve => setTimeout(resolve, 20))
  rmSync(file, { force: true })
}

function isServerOf(pid: number, storeDir: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(files(storeDir).config)
  } catch {
    return false
  }
}

async function stop(life: Life): Promise<void> {
  life.stopping = true
  const child = life.child
  if (child === null || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
  await gone
  clearTimeout(timer)
}
