import type { Link } from '../config/nats.ts'
import type { StoreAck } from '../config/storeAck.ts'
import { pack } from '../config/pack.ts'
import { limits } from '../core/limits.ts'
import { type Lane, type LogEvent, type LogMessage, logVersion, messageId } from '../core/wire/log.ts'
import { subjects } from '../core/wire/subjects.ts'

/** Where an owner puts entries of its own: its link, and its partition. */
export type Log = { readonly link: Pick<Link, 'store'>; readonly number: number }

/**
 * Puts an entry of an owner's own into the log, each as a message of its own that nobody waits for. `once`: a name that
 * only this entry has, so that it counts once, whoever says it and how often.
 */
export type Appending = (event: LogEvent, once?: string) => Promise<StoreAck>

export function createAppending({ link, number }: Log, lane: Lane, producer: string): Appending {
  let counter = 0
  const named = (once: string | undefined) => {
    if (once !== undefined) return { producer: once, counter: 1 }
    counter += 1
    return { producer, counter }
  }
  return (event, once) => {
    const message: LogMessage = { version: logVersion, ...named(once), lane, replyTo: '', events: [event] }
    return link.store(subjects.log(number), pack(message), messageId(message), limits.publishTimeoutMs)
  }
}
