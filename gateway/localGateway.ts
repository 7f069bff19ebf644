import { randomBytes } from 'node:crypto'
import type { ReplyMessage } from '../core/wire/reply.ts'
import { subjects } from '../core/wire/subjects.ts'

/**
 * The gateway of this process as the workers beside it know it: they hand it replies directly, without NATS between.
 * It has its name before the threads start, and ears once it is open.
 */
export type LocalGateway = {
  readonly id: string
  /** The subject under which gateways elsewhere take their replies; a message that names it is ours. */
  readonly inbox: string
  replied(message: ReplyMessage): void
  /** From now on replies go to `take`. */
  hear(take: (message: ReplyMessage) => void): void
}

export function createLocalGateway(): LocalGateway {
  const id = randomBytes(6).toString('hex')
  let ears: (message: ReplyMessage) => void = () => undefined
  return {
    id,
    inbox: subjects.gateway(id),
    replied: message => ears(message),
    hear: take => {
      ears = take
    },
  }
}
