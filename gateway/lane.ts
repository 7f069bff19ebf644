import type { Link } from '../config/nats.ts'
import { pack } from '../config/pack.ts'
import { limits } from '../core/limits.ts'
import {
  type Lane as LaneName,
  type LogEvent,
  type LogMessage,
  logVersion,
  messageId,
  type NewKey,
} from '../core/wire/log.ts'
import type { Reply } from '../core/wire/reply.ts'
import { subjects } from '../core/wire/subjects.ts'
import type { OutgoingEvent } from './seal.ts'
import type { SealingKey } from './keyMaking.ts'

/**
 * One lane of one partition. One message is in flight at most: what arrives meanwhile shares the next, so a lone signal
 * leaves at once and a crowd pays one flush.
 *
 * The owner's reply proves that the log has the message, because owners read nothing but the log (and the log gives out
 * nothing that it has not flushed). So the log is asked for an acknowledgement of its own only where replies are late
 * or missing: that spares a message and a wake-up per signal.
 */
export type Lane = {
  readonly name: LaneName
  readonly partition: number
  readonly producer: string
  readonly replyTo: string
  counter: number
  /** Replies are late or missing, or none was seen yet: the log is asked for acknowledgements. */
  asks: boolean
  /** A message leaves no sooner than this after the one before it; 0: as soon as that one is through. */
  readonly paceMs: number
  sentAt: number
  scheduled: boolean
  waiting: Item[]
  inFlight: Flight | null
  /** Made and on disk already, to be sent in this order when the one in flight is through. */
  readonly made: Flight[]
}

/** Who waits for an event. Each is called at most once; `stored` means that the log has it. */
export type Waiting = {
  readonly stored?: () => void
  readonly replied?: (reply: Reply) => void
}

export type Item = { readonly event: OutgoingEvent; readonly waiting: Waiting }

/** Who waits for a message, without the message: it may be waited for long after the log has it. */
export type Awaited = { readonly lane: Lane; readonly waiting: readonly Waiting[]; sentAt: number }

export type Flight = {
  /** The message's id, for ever. */
  readonly id: string
  bytes: Uint8Array
  readonly message: LogMessage
  /** The keys that it brings to the log. */
  readonly brings: readonly SealingKey[]
  readonly awaited: Awaited
  /** Whether the log was asked to acknowledge it. */
  asked: boolean
}

const retryEveryMs = 500
/** A reply that takes longer is late: well below the routing budget, so that the log is asked in time. */
const promptWithinMs = 100

/** The key as the log takes it; null: no owner of the partition is known that could read it. */
export type Introduce = (partition: number, key: SealingKey) => NewKey | null

/**
 * Makes the next message of what waits, of at most so many bytes, with the keys that the log does not have yet. null:
 * nothing waits, or no owner is known for whom keys could be wrapped: then it waits on.
 */
export function make(
  lane: Lane,
  bytesMax: number,
  introduce: Introduce,
  form: (event: LogEvent) => LogEvent = event => event,
): Flight | null {
  if (lane.waiting.length === 0) return null
  const count = fitting(lane.waiting, bytesMax)
  const brings = newKeys(lane.waiting, count)
  const keys = brings.map(key => introduce(lane.partition, key)).filter(key => key !== null)
  if (keys.length < brings.length) return null
  const items = lane.waiting.splice(0, count)
  lane.counter += 1
  const { producer, counter, replyTo } = lane
  const events = items.map(({ event: { needs: _, ...event } }) => form(event))
  const made = { version: logVersion, producer, counter, lane: lane.name, replyTo }
  const message: LogMessage = keys.length === 0 ? { ...made, events } : { ...made, keys, events }
  const awaited = { lane, waiting: items.map(item => item.waiting), sentAt: 0 }
  return { id: messageId(message), message, brings, awaited, bytes: pack(message), asked: false }
}

/** What the first so many events need and the log does not have. */
function newKeys(waiting: readonly Item[], count: number): SealingKey[] {
  const keys: SealingKey[] = []
  for (let place = 0; place < count; place++) {
    for (const key of waiting[place]?.event.needs ?? [])
      if (!key.isStored && !keys.includes(key)) keys.push(key)
  }
  return keys
}

/** How many of the events that wait fit into one message: at least one, and never more than NATS takes. */
function fitting(waiting: readonly Item[], bytesMax: number): number {
  let bytes = 0
  let count = 0
  for (const { event } of waiting) {
    bytes += bytesOf(event, bytesMax)
    if (count === limits.eventsPerMessageMax || (count > 0 && bytes > bytesMax)) break
    count += 1
  }
  return count
}

/** About what the clear part of an event, its frame and new keys take; a session's id in a batch of beats. */
const clearBytes = 3_072
const beatBytes = 26

/** At most what an event takes when it is packed. A policy travels alone, however long it is. */
function bytesOf({ clear, personal }: LogEvent, bytesMax: number): number {
  if (clear.kind === 'configured') return bytesMax
  const beats = clear.kind === 'beats' ? clear.sessions.length * beatBytes : 0
  return clearBytes + beats + (personal?.length ?? 0)
}

/** Publishes what is in flight, again if need be: unchanged and under the same id. */
export function publish(lane: Lane, link: Link, now: number, acks: string): void {
  const flight = lane.inFlight
  if (flight === null) return
  lane.sentAt = now
  flight.awaited.sentAt = now
  flight.asked = lane.asks
  if (!link.isConnected()) return
  const ackTo = lane.asks ? `${acks}.${lane.name}.${lane.partition}.${flight.message.counter}` : null
  try {
    link.publishToStream(subjects.log(lane.partition), flight.bytes, flight.id, ackTo)
  } catch {
    // A connection that is just closing: what nobody answers for is sent again.
  }
}

/** Whether nobody has answered for what is in flight, neither owner nor log, for as long as they may take. */
export function isLate({ inFlight }: Lane, now: number): boolean {
  if (inFlight === null) return false
  return now - inFlight.awaited.sentAt >= (inFlight.asked ? retryEveryMs : promptWithinMs)
}

/** Whether a reply that comes now is prompt enough to be relied upon for the next message. */
export function isPrompt({ sentAt }: Awaited, now: number): boolean {
  return now - sentAt < promptWithinMs
}
