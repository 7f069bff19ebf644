import { unpack } from '../config/pack.ts'
import { keyIdBytes } from '../config/sealing.ts'
import type { Entry } from '../core/input.ts'
import type { asideReasons } from '../core/knownSeries.ts'
import { limits } from '../core/limits.ts'
import { knownVersions, type LogEvent, type LogMessage, type NewKey } from '../core/wire/log.ts'
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
  if (!knownVersions.includes(message.version ?? 0)) return 'unknown-version'
  return isMessage(message) ? message : 'not-a-message'
}

function isMessage(message: Partial<LogMessage>): message is LogMessage {
  return (
    typeof message.producer === 'string' &&
    Number.isSafeInteger(message.counter) &&
    typeof message.replyTo === 'string' &&
    typeof message.lane === 'string' &&
    (message.keys === undefined || isKeys(message.keys)) &&
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

/** A key that is none would be refused at every commit. */
function isKeys(keys: unknown): boolean {
  return Array.isArray(keys) && keys.every(isNewKey)
}

function isNewKey(key: Partial<NewKey> | null): boolean {
  return (
    key?.id instanceof Uint8Array &&
    key.id.length === keyIdBytes &&
    (key.of === 'subject' || key.of === 'period') &&
    typeof key.tenant === 'string' &&
    typeof key.name === 'string' &&
    key.name.length <= 3 * limits.idCharsMax &&
    Number.isSafeInteger(key.lastsMs) &&
    Array.isArray(key.wraps)
  )
}
