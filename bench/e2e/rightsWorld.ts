import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import WebSocket from 'ws'
import { createLogger } from '../../config/logger.ts'
import { type Link, openLink } from '../../config/nats.ts'
import { pack, unpack } from '../../config/pack.ts'
import type { Input } from '../../core/input.ts'
import type { ControlReply } from '../../core/wire/control.ts'
import { type LogEvent, type LogMessage, logVersion, messageId } from '../../core/wire/log.ts'
import type { Reply, ReplyMessage } from '../../core/wire/reply.ts'
import type { FoundSubject, RightsRequest } from '../../core/wire/rights.ts'
import { streams, subjects } from '../../core/wire/subjects.ts'
import { type NatsChild, startNats } from '../../gateway/natsChild.ts'
import { partitionOfTenant } from '../../config/partitions.ts'
import { origin, siteKey, startSystem, type System, temporaryFolder } from '../system.ts'

/** Two gateways and a worker as processes of their own, with a hand on the log between them. */
export type RightsWorld = {
  readonly left: System
  readonly right: System
  readonly worker: System
  /** Puts an entry into the log; resolves to its sequence when the owner has applied it. */
  apply(clear: Input): Promise<{ sequence: number; reply: Reply }>
  /** What the owner holds of a name. */
  find(name: string): Promise<FoundSubject[]>
  ask(request: RightsRequest): Promise<ControlReply>
  /** Every event of the log so far, in order. */
  log(): Promise<LoggedEvent[]>
  /** Puts other settings in force with `ringtrail apply`; what it prints. */
  configure(settings: (server: object) => object): string
  lastSequence(): Promise<number>
  stop(): Promise<void>
}

export type LoggedEvent = LogEvent & { readonly sequence: number; readonly timeMs: number }

const partitions = 4
const partition = partitionOfTenant('bench', 0, partitions)

export async function startRightsWorld(settings: (server: object) => object): Promise<RightsWorld> {
  const folder = temporaryFolder()
  const pepperFile = join(folder.path, 'pepper')
  const rootKeyFile = join(folder.path, 'root-key')
  for (const file of [pepperFile, rootKeyFile]) writeFileSync(file, randomBytes(32).toString('hex'))
  const storeDir = join(folder.path, 'nats')
  const nats = await startNats({ storeDir, durability: 'durable', logger: createLogger('silent') })
  const server = { nats: { url: urlOf(nats) }, pepperFile, rootKeyFile, partitions }
  const start = (role: 'gateway' | 'worker', name: string) => {
    const dataDir = join(folder.path, name)
    mkdirSync(dataDir, { recursive: true })
    return startSystem({ dataDir, settings: settings(server), command: [role] })
  }
  const worker = await start('worker', 'worker')
  const [left, right] = await Promise.all([start('gateway', 'left'), start('gateway', 'right')])
  const link = await openLink(nats.link)
  const hand = openHand(link)
  return {
    ...{ left, right, worker },
    ...hand,
    configure: other => {
      const file = join(folder.path, 'other.yaml')
      writeFileSync(file, JSON.stringify({ ...other(server), dataDir: join(folder.path, 'nowhere') }))
      return applyFile(file)
    },
    stop: async () => {
      for (const system of [left, right, worker]) await system.killTree()
      await link.close()
      await nats.stop()
      folder.remove()
    },
  }
}

/** What `ringtrail apply` prints; throws what it says where it fails. */
export function applyFile(file: string, ...more: string[]): string {
  const command = ['gateway/main.ts', 'apply', '--config', file, ...more]
  const cwd = join(import.meta.dirname, '../..')
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

function urlOf({ link }: NatsChild): string {
  const port = Number(new URL(String(link.servers)).port)
  return `nats://${link.user}:${link.password}@127.0.0.1:${port}`
}

function openHand(link: Link): Pick<RightsWorld, 'apply' | 'find' | 'ask' | 'log' | 'lastSequence'> {
  const inbox = subjects.gateway('hand-of-the-test')
  const waiting = new Map<string, (reply: Reply) => void>()
  link.subscribe(inbox, ({ data }) => {
    const message = unpack(data) as ReplyMessage
    const [reply] = message.replies
    if (reply !== undefined) waiting.get(messageId(message))?.(reply)
  })
  let counter = 0
  const subject = subjects.log(partition)
  const lastSequence = async () => (await link.streamState(streams.log)).lastSequence
  const ask = async (request: RightsRequest) =>
    unpack(await link.request(subjects.control(partition), pack(request), 5_000)) as ControlReply
  return {
    lastSequence,
    ask,
    apply: async clear => {
      counter += 1
      const about = { version: logVersion, producer: 'hand|of|the|test', counter, lane: 'control' } as const
      const message: LogMessage = { ...about, replyTo: inbox, events: [{ clear, personal: null }] }
      const applied = new Promise<Reply>(resolve => waiting.set(messageId(message), resolve))
      const { sequence } = await link.store(subject, pack(message), messageId(message), 5_000)
      return { sequence, reply: await applied }
    },
    find: async name => {
      const reply = await ask({ kind: 'find', tenant: 'bench', name })
      return reply.kind === 'found' ? [...reply.found] : []
    },
    log: () => logOf(link, subject),
  }
}

async function logOf(link: Link, subject: string): Promise<LoggedEvent[]> {
  const last = await link.lastSequence(streams.log, subject)
  const events: LoggedEvent[] = []
  let read = 0
  const follower = link.follow({
    stream: streams.log,
    subject,
    from: 1,
    take: ({ sequence, timeMs, data }) => {
      for (const event of (unpack(data) as LogMessage).events) events.push({ ...event, sequence, timeMs })
      read = sequence
    },
    trouble: () => undefined,
    ready: () => true,
  })
  while (read < last) await new Promise(resolve => setTimeout(resolve, 10))
  await follower.stop()
  return events
}

/** A page that is open: what it was told, and what it says without waiting. */
export type OpenPage = {
  readonly heard: readonly Heard[]
  send(frame: object): void
  close(): Promise<void>
}

export type Heard = {
  readonly type: string
  readonly visitor?: string | null
  readonly session?: string | null
  readonly id?: number
  readonly code?: string
}

export async function openPage(system: System, hello: object, headers: object = {}): Promise<OpenPage> {
  const url = `ws://127.0.0.1:${system.publicPort}/v1/visit?site=${siteKey}`
  const socket = new WebSocket(url, { headers: { origin, ...headers } })
  const heard: Heard[] = []
  socket.on('message', data => void heard.push(JSON.parse(String(data)) as Heard))
  socket.on('error', () => undefined)
  await new Promise<void>(resolve => socket.once('open', () => resolve()))
  const send = (frame: object) => socket.send(JSON.stringify(frame))
  send({ type: 'hello', page: { url: 'http://localhost:8080/' }, ...hello })
  const close = () =>
    new Promise<void>(resolve => {
      socket.once('close', () => resolve())
      socket.close()
    })
  return { heard, send, close }
}

export const welcomesOf = ({ heard }: OpenPage) => heard.filter(({ type }) => type === 'welcome')
