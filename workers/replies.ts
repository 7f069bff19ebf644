import type { Link } from '../config/nats.ts'
import { pack } from '../config/pack.ts'
import type { ReplyMessage } from '../core/wire/reply.ts'

/** Sends the replies to one message of the log to the gateway that waits at `inbox`. Nothing here waits. */
export type SendReply = (inbox: string, message: ReplyMessage) => void

/**
 * Replies travel over core NATS, except to the gateway of our own process (`own`): it is told directly, what
 * one turn of the event loop brought at once, which spares the server two messages and a caller one wake-up.
 */
export function createReplies(
  link: Link,
  own: string | null,
  tell: (replies: readonly ReplyMessage[]) => void,
): SendReply {
  let gathered: ReplyMessage[] = []
  const flush = () => {
    const replies = gathered
    gathered = []
    tell(replies)
  }
  return (inbox, message) => {
    if (inbox !== own) return link.publish(inbox, pack(message))
    gathered.push(message)
    if (gathered.length === 1) queueMicrotask(flush)
  }
}
