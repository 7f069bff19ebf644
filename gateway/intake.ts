import type { Link } from '../config/nats.ts'
import { readAck } from '../config/nats.ts'
import { pack, unpack } from '../config/pack.ts'
import { limits } from '../core/limits.ts'
import type { ProblemCode } from '../core/problems.ts'
import { type Lane, type LogEvent, type LogMessage, logVersion, messageId } from '../core/wire/log.ts'
import type { Reply, ReplyMessage } from '../core/wire/reply.ts'
import { subjects } from '../core/wire/subjects.ts'

/**
 * Gathers events into messages of the log. One message per lane and partition is in flight at most: what arrives
 * meanwhile shares the next, so a lone signal leaves at once and a crowd pays one flush.
 */

/** Who waits for an event. Each is called at most once; `stored` means that the log has it. */
export type Waiting = {
  readonly stored?: () => void
  readonly replied?: (reply: Reply) => void
  readonly failed?: (problem: ProblemCode) => void
}

type Item = { readonly event: LogEvent; readonly waiting: Waiting }

type InFlight = {
  bytes: Uint8Array
  readonly message: LogMessage
  readonly items: readonly Item[]
  sentAt: number
}

type Queue = {
  readonly lane: Lane
  readonly partition: number
  readonly producer: string
  counter: number
  scheduled: boolean
  waiting: Item[]
  inFlight: InFlight | null
  /** Made and on disk already, to be sent in this order when the one in flight is through. */
  readonly made: InFlight[]
}

/** Where messages that the log has not taken are kept, so that a crash cannot lose them. */
export type Spool = {
  keep(id: string, partition: number, bytes: Uint8Array): Promise<void>
  drop(id: string): void
}

export type IntakeSetup = {
  readonly link: Link
  /** `gateway|boot`: 64 random bits make two boots differ. */
  readonly gateway: string
  readonly boot: string
  readonly spool: Spool
  readonly clock: () => number
}

export type Intake = ReturnType<typeof createIntake>

const retryEveryMs = 500
/** How many messages may wait for their replies; older ones are forgotten first. A reply may never come. */
const repliesAwaitedMax = 16_384

type Desk = {
  readonly setup: IntakeSetup
  readonly queues: Map<string, Queue>
  readonly awaiting: Map<string, readonly Item[]>
  readonly acks: string
  readonly inbox: string
}

export function createIntake(setup: IntakeSetup) {
  const desk: Desk = {
    setup,
    queues: new Map(),
    awaiting: new Map(),
    acks: subjects.gatewayAcks(setup.gateway),
    inbox: subjects.gateway(setup.gateway),
  }
  const subscriptions = [
    setup.link.subscribe(`${desk.acks}.>`, message => onAck(desk, message.subject, message.data)),
    setup.link.subscribe(desk.inbox, message => onReply(desk.awaiting, unpack(message.data) as ReplyMessage)),
  ]
  const retry = setInterval(() => publishLateAgain(desk), retryEveryMs / 2)
  return {
    /** Takes an event, or says why not; what was refused here was never acknowledged. */
    submit: (lane: Lane, partition: number, event: LogEvent, waiting: Waiting) =>
      submit(desk, queueOf(desk, lane, partition), { event, waiting }),
    /** Puts what the call lane of a partition holds on disk, each message under the id it keeps for ever. */
    spool: (partition: number) => spoolCalls(desk, queueOf(desk, 'call', partition)),
    waiting: (lane: Lane) => waitingIn(desk, lane),
    /** Resolves when nothing waits, or when `untilMs` of the clock has come. */
    drained: (untilMs: number) => untilEmpty(desk.queues, setup.clock, untilMs),
    stop: () => {
      clearInterval(retry)
      for (const subscription of subscriptions) subscription.stop()
    },
  }
}

function queueOf(desk: Desk, lane: Lane, partition: number): Queue {
  const key = `${lane}|${partition}`
  const known = desk.queues.get(key)
  if (known !== undefined) return known
  const producer = `${desk.setup.gateway}|${desk.setup.boot}|${lane}|${partition}`
  const made: Queue = {
    lane,
    partition,
    producer,
    counter: 0,
    scheduled: false,
    waiting: [],
    inFlight: null,
    made: [],
  }
  desk.queues.set(key, made)
  return made
}

function submit(desk: Desk, queue: Queue, item: Item): ProblemCode | null {
  if (queue.waiting.length >= roomFor(queue.lane, item.event)) return 'overloaded'
  queue.waiting.push(item)
  if (queue.inFlight === null && !queue.scheduled) {
    queue.scheduled = true
    queueMicrotask(() => send(desk, queue))
  }
  return null
}

function send(desk: Desk, queue: Queue): void {
  queue.scheduled = false
  if (queue.inFlight !== null) return
  queue.inFlight = queue.made.shift() ?? make(desk, queue, event => event)
  publish(desk, queue)
}

/** Makes the next message of what waits, and awaits its replies; null: nothing waits. */
function make(desk: Desk, queue: Queue, form: (event: LogEvent) => LogEvent): InFlight | null {
  if (queue.waiting.length === 0) return null
  const items = queue.waiting.splice(0, limits.eventsPerMessageMax)
  queue.counter += 1
  const { producer, counter, lane } = queue
  const events = items.map(item => form(item.event))
  const message: LogMessage = { version: logVersion, producer, counter, lane, replyTo: desk.inbox, events }
  awaitReplies(desk.awaiting, message, items)
  return { message, items, bytes: pack(message), sentAt: 0 }
}

function publish(desk: Desk, queue: Queue): void {
  const { link, clock } = desk.setup
  const flight = queue.inFlight
  if (flight === null) return
  flight.sentAt = clock()
  if (!link.isConnected()) return
  const ackTo = `${desk.acks}.${queue.lane}.${queue.partition}.${flight.message.counter}`
  link.publishToStream(subjects.log(queue.partition), flight.bytes, messageId(flight.message), ackTo)
}

/** A message without an acknowledgement is sent again, unchanged and under the same id, for as long as it takes. */
function publishLateAgain(desk: Desk): void {
  for (const queue of desk.queues.values()) {
    if (queue.inFlight !== null && desk.setup.clock() - queue.inFlight.sentAt >= retryEveryMs)
      publish(desk, queue)
  }
}

function onAck(desk: Desk, subject: string, data: Uint8Array): void {
  const [lane, partition, counter] = subject.slice(desk.acks.length + 1).split('.')
  const queue = desk.queues.get(`${lane}|${partition}`)
  const flight = queue?.inFlight
  if (queue === undefined || flight == null || flight.message.counter !== Number(counter)) return
  if (readAck(data) === null) return
  queue.inFlight = null
  if (queue.lane === 'call') desk.setup.spool.drop(messageId(flight.message))
  for (const item of flight.items) item.waiting.stored?.()
  send(desk, queue)
}

function waitingIn(desk: Desk, lane: Lane): number {
  let sum = 0
  for (const queue of desk.queues.values()) {
    if (queue.lane === lane)
      sum += queue.waiting.length + (queue.inFlight?.items.length ?? 0) + queue.made.length
  }
  return sum
}

/** The order of shedding: page views first, then session starts, then what a call needs. */
function roomFor(lane: Lane, event: LogEvent): number {
  if (lane === 'call') return limits.callLaneEventsMax
  const most = limits.visitLaneEventsMax
  if (event.clear.kind === 'page' || event.clear.kind === 'engagement') return most / 2
  return event.clear.kind === 'hello' ? (most * 3) / 4 : most
}

function awaitReplies(
  awaiting: Map<string, readonly Item[]>,
  message: LogMessage,
  items: readonly Item[],
): void {
  if (items.every(item => item.waiting.replied === undefined)) return
  if (awaiting.size >= repliesAwaitedMax) {
    const oldest = awaiting.keys().next().value
    if (oldest !== undefined) awaiting.delete(oldest)
  }
  awaiting.set(messageId(message), items)
}

function onReply(awaiting: Map<string, readonly Item[]>, message: ReplyMessage): void {
  const id = messageId(message)
  const items = awaiting.get(id)
  if (items === undefined) return
  awaiting.delete(id)
  items.forEach((item, index) => {
    const reply = message.replies[index]
    if (reply !== undefined) item.waiting.replied?.(reply)
  })
}

/**
 * Makes messages of everything that waits in a call lane and keeps them on disk. They are marked as spooled: a signal
 * without a time of its own rang when we took it, not when the log came back.
 */
async function spoolCalls(desk: Desk, queue: Queue): Promise<void> {
  for (let next = make(desk, queue, spooled); next !== null; next = make(desk, queue, spooled))
    queue.made.push(next)
  queue.inFlight ??= queue.made.shift() ?? null
  const flight = queue.inFlight
  if (flight !== null) flight.bytes = pack({ ...flight.message, events: flight.message.events.map(spooled) })
  const held = flight === null ? queue.made : [flight, ...queue.made]
  await Promise.all(
    held.map(one => desk.setup.spool.keep(messageId(one.message), queue.partition, one.bytes)),
  )
}

function spooled(event: LogEvent): LogEvent {
  return event.clear.kind === 'signal' ? { ...event, clear: { ...event.clear, spooled: true } } : event
}

async function untilEmpty(queues: Map<string, Queue>, clock: () => number, untilMs: number): Promise<void> {
  const busy = () => [...queues.values()].some(queue => queue.inFlight !== null || queue.waiting.length > 0)
  while (busy() && clock() < untilMs) await new Promise(resolve => setTimeout(resolve, 20))
}
