import type { Link } from '../config/nats.ts'
import { pack } from '../config/pack.ts'
import type { ReplyMessage } from '../core/wire/reply.ts'

/** Sends the replies to one message of the log to the gateway that waits at `inbox`. Nothing here waits. */
export type SendReply = (inbox: string, message: ReplyMessage) => void

/**
 * Replies travel over core NATS, except to the gateway of our own process (`own`): it is told directly, which spares
 * the server two messages, and whoever waits a wake-up.
 */
export function createReplies(
  link: Link,
  own: string | null,
  tell: (message: ReplyMessage) => void,
): SendReply {
  return (inbox, message) => {
    if (inbox === own) tell(message)
    else link.publish(inbox, pack(message))
  }
}
