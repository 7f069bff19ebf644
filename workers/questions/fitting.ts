import { pack } from '../../config/pack.ts'
import type { QuestionReply } from '../../core/wire/questions.ts'

/** A reply as bytes; where no message of the nats-server may be as long, a reply that says so. */
export function fitting(reply: QuestionReply, payloadBytesMax: number): Buffer {
  const bytes = pack(reply)
  if (bytes.length <= payloadBytesMax) return bytes
  return pack({ kind: 'too-long', current: reply.current } satisfies QuestionReply)
}
