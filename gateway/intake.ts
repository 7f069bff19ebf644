import type { Link } from '../config/nats.ts'
import { readAck } from '../config/storeAck.ts'
import { pack, unpack } from '../config/pack.ts'
import { limits } from '../core/limits.ts'
import type { ProblemCode } from '../core/problems.ts'
import { type Lane as LaneName, type LogEvent, messageId } from '../core/wire/log.ts'
import type { ReplyMessage } from '../core/wire/reply.ts'
import { subjects } from '../core/wire/subjects.ts'
import {
  type Awaited,
  type Flight,
  type Introduce,
  type Item,
  isLate,
  isPrompt,
  type Lane,
  make,
  publish,
  type Waiting,
} from './lane.ts'
import { markStored } from './keyMaking.ts'
import type { OutgoingEvent } from './seal.ts'

/** Gathers events into messages of the log, lane by lane, and tells those who wait what became of each. */

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
  /** Brings new keys into messages; left out where nothing is sealed. */
  readonly introduce?: Introduce
  /** Told when somebody was answered. */
  readonly answered?: () => void
  /** Whether the disks have room for what is not a call. */
  readonly hasRoom: () => boolean
  /** Milliseconds from any moment on, never back: it tells who is late. */
  readonly clock: () => number
  /** How long visits are gathered where they come in crowds: a call is not kept waiting, a page may be. */
  readonly visitPaceMs?: number
}

export type Intake = ReturnType<typeof createIntake>

const lateCheckMs = 50
/** Producer, counter and headers of a message, generously. */
const envelopeBytes = 1_024
/** How many messages may wait for their replies; older ones are forgotten first. A reply may never come. */
const repliesAwaitedMax = 16_384

type Desk = {
  readonly setup: IntakeSetup
  readonly lanes: Map<string, Lane>
  readonly awaiting: Map<string, Awaited>
  readonly acks: string
  readonly inbox: string
  /** The log refused the last message that it was asked about, and how often it did so in all. */
  readonly log: { refuses: boolean; refused: number }
}

export function createIntake(setup: IntakeSetup) {
  const desk: Desk = {
    setup,
    lanes: new Map(),
    awaiting: new Map(),
    acks: subjects.gatewayAcks(setup.gateway),
    inbox: subjects.gateway(setup.gateway),
    log: { refuses: false, refused: 0 },
  }
  const subscriptions = [
    setup.link.subscribe(`${desk.acks}.>`, message => onAck(desk, message.subject, message.data)),
    setup.link.subscribe(desk.inbox, message => onReply(desk, unpack(message.data) as ReplyMessage)),
  ]
  const retry = setInterval(() => publishLateAgain(desk), lateCheckMs)
  return {
    /** Takes an event, or says why not; what was refused here was never acknowledged. */
    submit: (name: LaneName, partition: number, event: OutgoingEvent, waiting: Waiting) =>
      submit(desk, laneOf(desk, name, partition), { event, waiting }),
    /** Whether the server takes a message of this event alone. Only a policy with very many numbers is too long. */
    fits: (event: LogEvent) => pack(event).length + envelopeBytes <= setup.link.payloadBytesMax(),
    /** Takes the replies to one message, from a worker of our own process. */
    replied: (message: ReplyMessage) => onReply(desk, message),
    /** Puts what the call lane of a partition holds on disk, each message under the id it keeps for ever. */
    spool: (partition: number) => spoolCalls(desk, laneOf(desk, 'call', partition)),
    waiting: (name: LaneName) => waitingIn(desk, name),
    /** Whether the log takes nothing at present, because it is full or the disk below it is. */
    logRefuses: () => desk.log.refuses,
    logRefused: () => desk.log.refused,
    /** Resolves when nothing waits, or when so much time is over. */
    drained: (withinMs: number) => untilEmpty(desk.lanes, setup.clock, setup.clock() + withinMs),
    stop: () => {
      clearInterval(retry)
      for (const subscription of subscriptions) subscription.stop()
    },
  }
}

function laneOf(desk: Desk, name: LaneName, partition: number): Lane {
  const key = `${name}|${partition}`
  const known = desk.lanes.get(key)
  if (known !== undefined) return known
  const { gateway, boot } = desk.setup
  const opened: Lane = {
    name,
    partition,
    producer: `${gateway}|${boot}|${key}`,
    replyTo: desk.inbox,
    counter: 0,
    asks: true,
    paceMs: name === 'visit' ? (desk.setup.visitPaceMs ?? limits.visitPaceMs) : 0,
    sentAt: Number.NEGATIVE_INFINITY,
    scheduled: false,
    waiting: [],
    inFlight: null,
    made: [],
  }
  desk.lanes.set(key, opened)
  return opened
}

function submit(desk: Desk, lane: Lane, item: Item): ProblemCode | null {
  if (isVisitors(item.event) && (desk.log.refuses || !desk.setup.hasRoom())) return 'no-room'
  if (lane.waiting.length >= roomFor(lane.name, item.event)) return 'overloaded'
  lane.waiting.push(item)
  schedule(desk, lane)
  return null
}

/** Sends the next message when the one in flight is through and its pace allows. */
function schedule(desk: Desk, lane: Lane): void {
  if (lane.inFlight !== null || lane.scheduled || lane.waiting.length + lane.made.length === 0) return
  lane.scheduled = true
  const waitMs = lane.sentAt + lane.paceMs - desk.setup.clock()
  if (waitMs <= 0) queueMicrotask(() => send(desk, lane))
  else setTimeout(() => send(desk, lane), Math.min(waitMs, lane.paceMs))
}

function send(desk: Desk, lane: Lane): void {
  lane.scheduled = false
  if (lane.inFlight !== null) return
  lane.inFlight = lane.made.shift() ?? next(desk, lane)
  publish(lane, desk.setup.link, desk.setup.clock(), desk.acks)
}

/** Makes the next message, and awaits its replies. */
function next(desk: Desk, lane: Lane, form?: (event: LogEvent) => LogEvent): Flight | null {
  const bytesMax = Math.min(limits.messageBytesMax, desk.setup.link.payloadBytesMax() - envelopeBytes)
  const flight = make(lane, bytesMax, desk.setup.introduce ?? (() => null), form)
  if (flight !== null) awaitReplies(desk.awaiting, flight)
  return flight
}

function awaitReplies(awaiting: Desk['awaiting'], { id, awaited }: Flight): void {
  if (awaiting.size >= repliesAwaitedMax) {
    const oldest = awaiting.keys().next().value
    if (oldest !== undefined) awaiting.delete(oldest)
  }
  awaiting.set(id, awaited)
}

/** What nobody has answered for is sent again, for as long as it takes; from now on the log is asked. */
function publishLateAgain(desk: Desk): void {
  const now = desk.setup.clock()
  for (const lane of desk.lanes.values()) {
    // What waited for an owner that keys can be wrapped for.
    schedule(desk, lane)
    if (!isLate(lane, now)) continue
    lane.asks = true
    publish(lane, desk.setup.link, now, desk.acks)
  }
}

function onAck(desk: Desk, subject: string, data: Uint8Array): void {
  const [name, partition, counter] = subject.slice(desk.acks.length + 1).split('.')
  const lane = desk.lanes.get(`${name}|${partition}`)
  const ack = readAck(data)
  if (ack === 'refused') return refused(desk)
  if (lane?.inFlight?.message.counter !== Number(counter) || ack === null) return
  stored(desk, lane)
  schedule(desk, lane)
}

/** What is in flight stays there and is tried again; meanwhile no visitor is told to wait for it in vain. */
function refused({ log }: Desk): void {
  log.refused += 1
  log.refuses = true
}

/** The log has what is in flight. */
function stored(desk: Desk, lane: Lane): void {
  const flight = lane.inFlight
  if (flight === null) return
  desk.log.refuses = false
  lane.inFlight = null
  if (lane.name === 'call') desk.setup.spool.drop(flight.id)
  flight.brings.forEach(markStored)
  for (const waiting of flight.awaited.waiting) waiting.stored?.()
}

/** Whoever waits is told, and the next message leaves. A second owner's reply finds nobody. */
function onReply(desk: Desk, message: ReplyMessage): void {
  const id = messageId(message)
  const awaited = desk.awaiting.get(id)
  if (awaited === undefined) return
  desk.awaiting.delete(id)
  const { lane, waiting } = awaited
  lane.asks = !isPrompt(awaited, desk.setup.clock())
  if (lane.inFlight?.awaited === awaited) stored(desk, lane)
  waiting.forEach((one, index) => {
    const reply = message.replies[index]
    if (reply !== undefined) one.replied?.(reply)
  })
  schedule(desk, lane)
  desk.setup.answered?.()
}

function waitingIn(desk: Desk, name: LaneName): number {
  let sum = 0
  for (const lane of desk.lanes.values()) {
    if (lane.name === name)
      sum += lane.waiting.length + (lane.inFlight?.awaited.waiting.length ?? 0) + lane.made.length
  }
  return sum
}

/** What a visitor can send again later. Beats and withdrawals go on: calls are matched by them, and a no has to be heard. */
function isVisitors({ clear }: LogEvent): boolean {
  return clear.kind === 'hello' || clear.kind === 'page' || clear.kind === 'engagement'
}

/** The order of shedding: page views first, then session starts, then what a call needs. */
function roomFor(name: LaneName, event: LogEvent): number {
  if (name === 'call') return limits.callLaneEventsMax
  const most = limits.visitLaneEventsMax
  if (event.clear.kind === 'page' || event.clear.kind === 'engagement') return most / 2
  return event.clear.kind === 'hello' ? (most * 3) / 4 : most
}

/**
 * Makes messages of everything that waits in a call lane and keeps them on disk. They are marked as spooled: a signal
 * without a time of its own rang when we took it, not when the log came back.
 */
async function spoolCalls(desk: Desk, lane: Lane): Promise<void> {
  for (let flight = next(desk, lane, spooled); flight !== null; flight = next(desk, lane, spooled))
    lane.made.push(flight)
  if (lane.waiting.length > 0) throw new Error('no owner is known for whom keys could be wrapped')
  lane.inFlight ??= lane.made.shift() ?? null
  const flight = lane.inFlight
  if (flight !== null) flight.bytes = pack({ ...flight.message, events: flight.message.events.map(spooled) })
  const held = flight === null ? lane.made : [flight, ...lane.made]
  await Promise.all(held.map(one => desk.setup.spool.keep(one.id, lane.partition, one.bytes)))
}

function spooled(event: LogEvent): LogEvent {
  return event.clear.kind === 'signal' ? { ...event, clear: { ...event.clear, spooled: true } } : event
}

async function untilEmpty(lanes: Desk['lanes'], clock: () => number, untilMs: number): Promise<void> {
  const busy = () => [...lanes.values()].some(lane => lane.inFlight !== null || lane.waiting.length > 0)
  while (busy() && clock() < untilMs) await new Promise(resolve => setTimeout(resolve, 20))
}
