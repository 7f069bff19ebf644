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
export const logVersion = 1

export type LogEvent = {
  readonly clear: Input
  readonly personal: Uint8Array | null
  /** The audit facts of what this entry does. */
  readonly note?: Note
  /** An API key that was made or changed; its secret is in no entry. */
  readonly access?: AccessKey
}

export type LogMessage = {
  readonly version: typeof logVersion
  /** `gateway|boot|lane|partition`: within it, counters are gapless. */
  readonly producer: string
  readonly counter: number
  readonly lane: Lane
  /** Where replies go: the gateway that is waiting. Empty: nobody waits. */
  readonly replyTo: string
  readonly events: readonly LogEvent[]
}

/** `Nats-Msg-Id` of a message: never a client's text, because JetStream drops an equal id whatever the body. */
export function messageId(message: Pick<LogMessage, 'producer' | 'counter'>): string {
  return `${message.producer}|${message.counter}`
}
