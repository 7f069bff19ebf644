import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { causeOf, type Logger } from '../config/logger.ts'
import type { LinkOptions } from '../config/nats.ts'
import { storeBytesMax, streamSizes } from '../config/streams.ts'
import { findNatsServer, withoutFetching } from '../config/setup/natsServer.ts'
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
  /** False: where there is no nats-server none is fetched. */
  readonly mayFetch?: boolean
  readonly logger: Logger
}

/** JetStream reads its whole store before it listens. One that ends is not waited for. */
const startedWithinMs = 10 * 60_000
const slowAfterMs = 15_000
const restartWaitMs = 200
const restartWaitMsMax = 5_000
const stopWithinMs = 5_000

export async function startNats(setup: NatsChildSetup): Promise<NatsChild> {
  const { path } = await findNatsServer(setup.mayFetch === false ? withoutFetching() : undefined)
  mkdirSync(setup.storeDir, { recursive: true, mode: 0o700 })
  await endLeftover(setup.storeDir)
  const password = randomBytes(24).toString('base64url')
  const life: Life = { server: null, port: -1, restarts: 0, mutes: 0, stopping: false }
  const run = () => start(setup, path, password, life)
  await run()
  void keepRunning(setup, life, run)
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
  life.server?.child.kill('SIGKILL')
}

/** A process that was begun. `ended` resolves to the last thing it said, or to why there is none. */
type Server = { readonly child: ChildProcess; readonly ended: Promise<string> }

type Life = { server: Server | null; port: number; restarts: number; mutes: number; stopping: boolean }

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

/** `said`: its last words about itself, its files and its port. */
class NotStarted extends Error {
  override readonly name = 'NotStarted'
  readonly said: string
  constructor(storeDir: string, said: string) {
    super(`nats-server did not start on ${storeDir}: ${said}`)
    this.said = said
  }
}

/** Resolves when it listens; where it throws there is no process any more. */
async function start(setup: NatsChildSetup, path: string, password: string, life: Life): Promise<void> {
  const { config } = files(setup.storeDir)
  writeFileSync(`${config}.new`, configText(setup, password, life.port), { mode: 0o600 })
  renameSync(`${config}.new`, config)
  removePortsFiles(setup.storeDir)
  const server = begin(['--pdeathsig', 'KILL', path, '-c', config], environmentOf(setup.durability))
  life.server = server
  const slow = setTimeout(() => setup.logger.warn('nats_starts_slowly'), slowAfterMs)
  try {
    life.port = await portOf(setup.storeDir, server)
  } finally {
    clearTimeout(slow)
  }
}

/**
 * The child shares its machine with gateway and workers. Without flushes to wait for, a message that it hands from one
 * processor to the next only wakes them up in turn: in `lazy` it gets a quarter of them, which takes a tenth off a call
 * where there are two. In `durable` a flush holds up its processor, so it has them all. `GOMAXPROCS` has the last word.
 */
function environmentOf(durability: NatsChildSetup['durability']): NodeJS.ProcessEnv {
  if (durability === 'durable') return process.env
  return { GOMAXPROCS: String(Math.max(1, Math.floor(availableParallelism() / 4))), ...process.env }
}

/** A process that could not be begun at all has an `error`, and no `exit`. */
function begin(args: readonly string[], env: NodeJS.ProcessEnv): Server {
  const child = spawn('setpriv', args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env })
  let said = ''
  child.stderr?.on('data', chunk => {
    said = (said + String(chunk)).slice(-4_096)
  })
  const ended = new Promise<string>(resolve => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) resolve(notBegun(error))
    })
    child.once('close', () => resolve(lastWordsOf(said)))
  })
  return { child, ended }
}

/** A line about one connection quotes what came over it, which may be anything. */
const ofConnection = / - (?:cid|rid|gid|lid|mid|wid):\d+ /

function lastWordsOf(said: string): string {
  const lines = said.trim().split('\n')
  return lines.findLast(line => !ofConnection.test(line)) || 'it ended and gave no reason'
}

function notBegun({ code }: NodeJS.ErrnoException): string {
  if (code !== 'ENOENT') return `the system began no process for it (${code})`
  return (
    'there is no setpriv on PATH, which ends it with us. Install util-linux, ' +
    'or set nats.url in the configuration to a server that runs elsewhere.'
  )
}

/** nats-server writes the port it took into a file named after its pid. */
async function portOf(storeDir: string, { child, ended }: Server): Promise<number> {
  const until = Date.now() + startedWithinMs
  const end: { said: string | null } = { said: null }
  void ended.then(said => {
    end.said = said
  })
  while (Date.now() < until && end.said === null) {
    const port = readPort(join(storeDir, `nats-server_${child.pid}.ports`))
    if (port !== null) return port
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  const why = end.said ?? `it did not listen within ${startedWithinMs / 60_000} minutes`
  child.kill('SIGKILL')
  await ended
  throw new NotStarted(storeDir, why)
}

function readPort(file: string): number | null {
  if (!existsSync(file)) return null
  const port = /:(\d+)/.exec(readFileSync(file, 'utf8'))?.[1]
  return port === undefined ? null : Number(port)
}

function removePortsFiles(storeDir: string): void {
  for (const file of readdirSync(storeDir))
    if (file.endsWith('.ports')) rmSync(join(storeDir, file), { force: true })
}

/** Starts it again whenever it ends, and goes on trying, until we stop. */
async function keepRunning({ logger }: NatsChildSetup, life: Life, run: () => Promise<void>): Promise<void> {
  for (;;) {
    const said = await life.server?.ended
    if (life.stopping) return
    life.restarts += 1
    logger.error({ restarts: life.restarts, said }, 'nats_died')
    let wait = restartWaitMs
    for (let isRunning = false; !isRunning; wait = Math.min(wait * 2, restartWaitMsMax)) {
      await new Promise(resolve => setTimeout(resolve, wait).unref())
      if (life.stopping) return
      isRunning = await run().then(
        () => true,
        error => {
          if (!life.stopping)
            logger.error({ ...causeOf(error), said: (error as NotStarted).said }, 'nats_not_started')
          return false
        },
      )
    }
    logger.warn({ restarts: life.restarts }, 'nats_runs_again')
  }
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
  if (life.server === null) return
  const { child, ended } = life.server
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
  await ended
  clearTimeout(timer)
}
