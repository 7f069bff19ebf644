import { setTimeout as wait } from 'node:timers/promises'
import type { QuestionReply, QuestionRequest } from '../../core/wire/questions.ts'
import type { AdminDesk } from '../adminDesk.ts'
import { refusal } from '../admission.ts'
import { NoAnswer } from '../owners.ts'
import type { Tenant } from '../tenants.ts'
import type { Answer } from '../uws.ts'

const patienceMs = 2_000
const askAgainMs = 100

type Kind = QuestionRequest['kind']
type Answered<Asked extends Kind> = Extract<QuestionReply, { kind: Asked }>

/**
 * A question to whoever reads the calls of a tenant: what is answered, or why it cannot be. One who has just begun reads
 * what is there first, which is waited for a little.
 */
export async function askCalls<Asked extends Kind>(
  { owners }: Pick<AdminDesk, 'owners'>,
  { partition }: Pick<Tenant, 'partition'>,
  request: Extract<QuestionRequest, { kind: Asked }>,
): Promise<Answered<Asked> | { readonly refused: Answer }> {
  const until = performance.now() + patienceMs
  for (;;) {
    const reply = await owners.question(partition, request)
    if (reply.kind === request.kind && reply.current) return reply as Answered<Asked>
    if (reply.kind === 'too-long' || performance.now() > until) return { refused: refusedBy(reply) }
    await wait(askAgainMs)
  }
}

function refusedBy(reply: QuestionReply): Answer {
  if (reply.kind === 'loading') return refusal('not-now', `The calls are being read; ${reply.read} so far.`)
  if (reply.kind === 'too-many')
    return refusal('not-now', 'There are more calls than this process may hold for questions.')
  if (reply.kind === 'too-long')
    return refusal(
      'not-valid',
      'The answer is longer than a message of this nats-server may be: ask for fewer rows, or raise max_payload there.',
    )
  throw new NoAnswer('nobody that can be believed answers')
}
