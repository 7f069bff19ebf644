import { unpack } from '../config/pack.ts'
import type { Entry } from '../core/input.ts'
import type { asideReasons } from '../core/knownSeries.ts'
import { limits } from '../core/limits.ts'
import { type LogEvent, type LogMessage, logVersion } from '../core/wire/log.ts'
import type { LogTime } from '../core/words.ts'
import type { LogRecord } from '../config/nats.ts'

export type AsideReason = (typeof asideReasons)[number]

/** Reads a message of the log, or says why it cannot be read. Every owner comes to the same conclusion. */
export function decode(record: LogRecord): LogMessage | AsideReason {
  let value: unknown
  try {
    value = unpack(record.data)
  } catch {
    return 'not-packed'
  }
  if (typeof value !== 'object' || value === null) return 'not-a-message'
  const message = value as Partial<LogMessage>
  if (message.version !== logVersion) return 'unknown-version'
  return isMessage(message) ? message : 'not-a-message'
}

function isMessage(message: Partial<LogMessage>): message is LogMessage {
  return (
    typeof message.producer === 'string' &&
    Number.isSafeInteger(message.counter) &&
    typeof message.replyTo === 'string' &&
    typeof message.lane === 'string' &&
    Array.isArray(message.events) &&
    message.events.every(event => typeof event?.clear?.kind === 'string' && hasShortIds(event.clear))
  )
}

/** No gateway writes longer ones, and a key of them would be one that the store can never take: the commit would stand still. */
function hasShortIds(clear: object): boolean {
  return Object.values(clear).every(value => typeof value !== 'string' || value.length <= limits.idCharsMax)
}

/** The entry that the core applies: the clear part of one event, and where and when the log has it. */
export function entryOf(record: LogRecord, message: LogMessage, event: LogEvent, index: number): Entry {
  return {
    at: record.timeMs as LogTime,
    sequence: record.sequence,
    index,
    producer: message.producer,
    counter: message.counter,
    input: event.clear,
  }
}
