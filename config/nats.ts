import {
  connect,
  createInbox,
  headers,
  type ConsumerMessages,
  type DeliverPolicy,
  type JsMsg,
  type Msg,
  type NatsConnection,
} from 'nats'
import { type AllowedServers, allowedServers, encryption } from './egress.ts'
import { sayNotLetIn } from './notLetIn.ts'
import { type Broke, orPassOver } from './passOver.ts'
import { readAck, type StoreAck } from './storeAck.ts'
import {
  ensureStream,
  entryAt,
  lastSequence,
  type Lasting,
  sequenceSince,
  streamState,
} from './streamLife.ts'

/**
 * The one door to NATS. It uses only what both generations of the client share (`connect`, `publish`, `subscribe`
 * with a callback, `request`, `drain`, `jetstream().consumers.get().consume()`, the manager), so that the swap to the
 * next one stays an alias in package.json.
 */

export type LinkOptions = AllowedServers & {
  readonly user?: string
  readonly password?: string
  readonly name: string
}

/** One message of a stream as its follower sees it. `timeMs` is the time the JetStream server gave it. */
export type LogRecord = {
  readonly subject: string
  readonly sequence: number
  readonly timeMs: number
  readonly data: Uint8Array
}

export type Follower = { stop(): Promise<void> }

export type Link = Awaited<ReturnType<typeof openLink>>

/**
 * Connects and keeps connecting: a lost server is waited for, and every subscription comes back by itself. `broke` hears of
 * messages that whoever takes them could not: each is passed over. Left to itself the client prints the error, which may quote
 * the message, and hears nothing any more. `changed` hears when the server is lost, and when it is back.
 */
export async function openLink(
  options: LinkOptions,
  broke: Broke = () => undefined,
  changed: (isConnected: boolean) => void = () => undefined,
) {
  const connection = await connect({
    servers: allowedServers(options),
    ...encryption(options),
    name: options.name,
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.password === undefined ? {} : { pass: options.password }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 200,
    pingInterval: 5_000,
    maxPingOut: 2,
    noAsyncTraces: true,
    waitOnFirstConnect: true,
    ignoreClusterUpdates: true,
  }).catch(sayNotLetIn(options))
  const state = watch(connection, changed)
  const manager = await connection.jetstreamManager({ checkAPI: false })
  return {
    isConnected: () => state.connected,
    reconnects: () => state.reconnects,
    /** The longest message that the server takes. */
    payloadBytesMax: () => connection.info?.max_payload ?? 1024 * 1024,
    serverVersion: () => connection.info?.version ?? 'unknown',
    publish: (subject: string, data: Uint8Array) => connection.publish(subject, data),
    /** Publishes to a stream; the server's acknowledgement goes to `ackTo`, null: it is not asked for one. */
    publishToStream: (subject: string, data: Uint8Array, id: string, ackTo: string | null) =>
      connection.publish(subject, data, {
        headers: idHeader(id),
        ...(ackTo === null ? {} : { reply: ackTo }),
      }),
    subscribe: (subject: string, take: (message: Incoming) => void, queue?: string) =>
      subscribe(connection, subject, orPassOver(take, broke), queue),
    request: async (subject: string, data: Uint8Array, timeoutMs: number) =>
      (await connection.request(subject, data, { timeout: timeoutMs, noMux: false })).data,
    ask: (question: Question) => ask(connection, question, broke),
    store: (subject: string, data: Uint8Array, id: string, timeoutMs: number) =>
      store(connection, subject, data, id, timeoutMs),
    ensureStream: (config: object, lasting?: Lasting) => ensureStream(manager, config, lasting),
    streamState: (stream: string) => streamState(manager, stream),
    trim: async (stream: string, beforeSequence: number) =>
      void (await manager.streams.purge(stream, { seq: beforeSequence })),
    lastSequence: (stream: string, subject: string) => lastSequence(manager, stream, subject),
    entryAt: (stream: string, sequence: number) => entryAt(manager, stream, sequence),
    sequenceSince: (stream: string, timeMs: number) => sequenceSince(manager, stream, timeMs),
    follow: (follow: FollowOptions) => {
      const take = orPassOver(follow.take, follow.trouble)
      return startFollowing(connection, { ...follow, take }, () => state.reconnects)
    },
    flush: () => connection.flush(),
    drain: () => connection.drain(),
    close: () => connection.close(),
  }
}

function watch(
  connection: NatsConnection,
  changed: (isConnected: boolean) => void,
): { connected: boolean; reconnects: number } {
  const state = { connected: true, reconnects: 0 }
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type !== 'disconnect' && status.type !== 'reconnect') continue
      const wasConnected = state.connected
      state.connected = status.type === 'reconnect'
      if (state.connected) state.reconnects += 1
      if (state.connected !== wasConnected) changed(state.connected)
    }
  })()
  return state
}

function idHeader(id: string) {
  const header = headers()
  header.append('Nats-Msg-Id', id)
  return header
}

/** A core NATS message: `respond` is a no-op where nobody asked. */
export type Incoming = {
  readonly subject: string
  readonly data: Uint8Array
  respond(data: Uint8Array): void
}

function subscribe(
  connection: NatsConnection,
  subject: string,
  take: (message: Incoming) => void,
  queue: string | undefined,
): { stop(): void } {
  const subscription = connection.subscribe(subject, {
    ...(queue === undefined ? {} : { queue }),
    callback: (error: Error | null, message: Msg) => {
      if (error !== null) return
      take({ subject: message.subject, data: message.data, respond: data => void message.respond(data) })
    },
  })
  return { stop: () => subscription.unsubscribe() }
}

export type Question = {
  readonly subject: string
  readonly data: Uint8Array
  /** Rejects when nobody has answered within this time. */
  readonly withinMs: number
  /** After an answer that will not do, a better one is waited for this long. */
  readonly betterWithinMs: number
  readonly willDo: (answer: Uint8Array) => boolean
}

/** Asks all who answer on a subject: the first answer that will do, else the last that came in time and could be read. */
function ask(connection: NatsConnection, question: Question, broke: Broke): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const inbox = createInbox()
    let last: Uint8Array | null = null
    const finish = () => {
      clearTimeout(timer)
      subscription.unsubscribe()
      if (last === null) reject(new Error(`nobody answers on ${question.subject}`))
      else resolve(last)
    }
    let timer = setTimeout(finish, question.withinMs)
    const take = orPassOver((answer: Uint8Array) => {
      const willDo = question.willDo(answer)
      last = answer
      if (willDo) return finish()
      clearTimeout(timer)
      timer = setTimeout(finish, question.betterWithinMs)
    }, broke)
    const subscription = connection.subscribe(inbox, {
      callback: (error: Error | null, message: Msg) => {
        // The server itself says 503 where nobody listens.
        if (error !== null || message.headers?.code === 503) return finish()
        take(message.data)
      },
    })
    connection.publish(question.subject, question.data, { reply: inbox })
  })
}

async function store(
  connection: NatsConnection,
  subject: string,
  data: Uint8Array,
  id: string,
  timeoutMs: number,
): Promise<StoreAck> {
  const reply = await connection.request(subject, data, { timeout: timeoutMs, headers: idHeader(id) })
  const ack = readAck(reply.data)
  if (ack === null || ack === 'refused') throw new Error('the stream refused the message')
  return ack
}

export type FollowOptions = {
  readonly stream: string
  readonly subject: string
  /** The first sequence wanted; null: only what comes from now on. */
  readonly from: number | null
  readonly take: (record: LogRecord) => void
  /** Hears why it had to start anew, and what `take` throws: that record is passed over. */
  readonly trouble: (error: Error) => void
  /** False where no more can be taken for now: the stream keeps it. Asked again and again until it is true. */
  readonly ready?: () => boolean
  /** Asked before reading begins, and again after anything that may have put another stream in the place of this one. */
  readonly begin?: () => Promise<boolean>
}

const restartWaitMs = 250

/**
 * Follows a subject of a stream in order, from a sequence, for as long as the process lives. An ordered consumer heals
 * its own gaps; where it gives up all the same, a new one starts after the last record that was taken.
 */
function startFollowing(
  connection: NatsConnection,
  follow: FollowOptions,
  reconnects: () => number,
): Follower {
  const isReady = follow.ready ?? (() => true)
  let next = follow.from
  let stopped = false
  let messages: ConsumerMessages | null = null
  const consume = async () => {
    const reconnectsBefore = reconnects()
    if (follow.begin !== undefined && !(await follow.begin())) return
    if (stopped) return
    const consumer = await connection.jetstream().consumers.get(follow.stream, {
      filterSubjects: follow.subject,
      ...(next === null
        ? { deliver_policy: 'new' as DeliverPolicy }
        : { deliver_policy: 'by_start_sequence' as DeliverPolicy, opt_start_seq: next }),
    })
    let [name, isOver] = ['', false]
    // An ordered consumer that was lost makes another by itself, and asks nobody whether the stream is the same.
    const isAnother = (message: JsMsg) =>
      reconnects() !== reconnectsBefore || (name !== '' && message.info.consumer !== name)
    const take = (message: JsMsg) => {
      const sequence = message.seq
      if (stopped || isOver || (next !== null && sequence < next)) return
      // What is passed over here comes again to the consumer that follows.
      if (!isReady() || isAnother(message)) {
        isOver = true
        return void messages?.close()
      }
      next = sequence + 1
      follow.take(recordOf(message))
    }
    messages = await consumer.consume({ max_messages: 1_024, callback: take })
    name = (await consumer.info(true)).name
    // Stopped, or over, while it was being made: nobody else closes it.
    if (stopped || isOver) await messages.close()
    const error = await messages.closed()
    if (error instanceof Error) throw error
  }
  const run = async () => {
    while (!stopped && !connection.isClosed()) {
      if (isReady()) {
        await consume().catch(error => {
          if (!stopped) follow.trouble(error as Error)
        })
      }
      if (!stopped) await new Promise(resolve => setTimeout(resolve, restartWaitMs))
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopped = true
      await messages?.close()
      await running
    },
  }
}

function recordOf(message: JsMsg): LogRecord {
  return {
    subject: message.subject,
    sequence: message.seq,
    timeMs: Math.floor(message.info.timestampNanos / 1e6),
    data: message.data,
  }
}
