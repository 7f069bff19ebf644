import type { AccessKey } from '../access.ts'
import type { Input } from '../input.ts'
import type { Note } from './note.ts'

/**
 * One message of stream LOG: one lane's events of a turn, for one partition. An event has two parts: the clear one,
 * which is all that the core reads, and the personal one, sealed bytes that it never opens.
 */

export const lanes = ['call', 'visit', 'control', 'pulse'] as const
export type Lane = (typeof lanes)[number]

/** The version of the shapes below. A reader sets aside a message with a version it does not know. */
export const logVersion = 2
/** Before version 2 nothing was encrypted, so messages brought no keys. */
export const knownVersions: readonly number[] = [1, logVersion]

export type LogEvent = {
  readonly clear: Input
  readonly personal: Uint8Array | null
  /** The audit facts of what this entry does. */
  readonly note?: Note
  /** An API key that was made or changed; its secret is in no entry. */
  readonly access?: AccessKey
  /** Whose values the sealed part puts right (with `noted`). */
  readonly rectify?: { readonly request: string; readonly subject: string }
}

/**
 * A key that sealed parts from here on need. It travels before the first of them, each time wrapped for another owner of
 * the partition: so nothing that is acknowledged is without its key, and nobody but an owner can read it from the log.
 */
export type NewKey = {
  /** 12 bytes, unique among all keys. */
  readonly id: Uint8Array
  readonly of: 'subject' | 'period'
  readonly tenant: string
  /** A subject (`v:` and a visitor id, `c:` and a caller's pseudonym), or what the period's key is kept for (core/keptFor.ts). */
  readonly name: string
  /** For how long after this message it may be used. */
  readonly lastsMs: number
  readonly wraps: readonly Wrap[]
}

/** `intake` names the owner's key for which it is wrapped (8 bytes); `from` is the other half, made by the gateway (32 bytes). */
export type Wrap = { readonly intake: Uint8Array; readonly from: Uint8Array; readonly bytes: Uint8Array }

export type LogMessage = {
  readonly version: number
  /** `gateway|boot|lane|partition`: within it, counters are gapless. */
  readonly producer: string
  readonly counter: number
  readonly lane: Lane
  /** Where replies go: the gateway that is waiting. Empty: nobody waits. */
  readonly replyTo: string
  /** Left out where there are none. */
  readonly keys?: readonly NewKey[]
  readonly events: readonly LogEvent[]
}

/** `Nats-Msg-Id` of a message: never a client's text, because JetStream drops an equal id whatever the body. */
export function messageId(message: Pick<LogMessage, 'producer' | 'counter'>): string {
  return `${message.producer}|${message.counter}`
}
