import type { Link } from '../config/nats.ts'
import { pack, unpack } from '../config/pack.ts'
import { limits } from '../core/limits.ts'
import type { CallRecord } from '../core/outcome.ts'
import type { ControlReply, ControlRequest, IntakeSaid, PartitionStatus } from '../core/wire/control.ts'
import type { QuestionReply, QuestionRequest } from '../core/wire/questions.ts'
import { subjects } from '../core/wire/subjects.ts'

/**
 * What a gateway asks the owners of partitions, over core NATS. A partition may have several: the answer of one that
 * goes on and has caught up with the log goes before that of any other.
 */
export type Owners = {
  /** What each of the first `count` partitions said lately; null where one did not answer. Whoever asks at once shares an answer. */
  statuses(count: number): Promise<readonly (PartitionStatus | null)[]>
  status(partition: number): Promise<PartitionStatus>
  intake(partition: number): Promise<IntakeSaid>
  calls(partition: number, tenant: string, call: string): Promise<readonly CallRecord[]>
  ask(partition: number, request: ControlRequest): Promise<ControlReply>
  /** Asks whoever reads the calls of a partition, beside its owner. */
  question(partition: number, request: QuestionRequest): Promise<QuestionReply>
  /** Tells every owner something that nobody waits for, and that may be lost. */
  tell(partition: number, request: ControlRequest): void
}

/** No owner answers, or none that can be believed yet. Whoever asked may ask again. */
export class NoAnswer extends Error {}

const withinMs = 2_000
const betterWithinMs = 200

export function createOwners(link: Link): Owners {
  const askOn = async (subject: string, request: object): Promise<ControlReply | QuestionReply> => {
    // A page of calls is large: it is read once.
    let last: ControlReply | QuestionReply | null = null
    const willDo = (answer: Uint8Array) => {
      last = unpack(answer) as ControlReply | QuestionReply
      return isCurrent(last)
    }
    const question = { subject, data: pack(request), withinMs, betterWithinMs, willDo }
    const answer = await link.ask(question).catch((cause: unknown) => {
      throw new NoAnswer('no owner answers', { cause })
    })
    return last ?? (unpack(answer) as ControlReply | QuestionReply)
  }
  const ask = async (partition: number, request: ControlRequest) =>
    (await askOn(subjects.control(partition), request)) as ControlReply
  const status = async (partition: number) => {
    const reply = await ask(partition, { kind: 'status' })
    if (reply.kind !== 'status') throw new Error('an owner answered something else')
    return reply.status
  }
  const askAll = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, partition) => status(partition).catch(() => null)))
  return {
    statuses: sharedFor(limits.readinessKeptMs, askAll),
    status,
    intake: async partition => {
      const reply = await ask(partition, { kind: 'intake' })
      if (reply.kind !== 'intake') throw new Error('an owner answered something else')
      return reply.said
    },
    calls: async (partition, tenant, call) => {
      const reply = await ask(partition, { kind: 'call', tenant, call })
      return reply.kind === 'calls' ? reply.calls : []
    },
    ask,
    question: async (partition, request) =>
      (await askOn(subjects.questions(partition), request)) as QuestionReply,
    tell: (partition, request) => link.publish(subjects.control(partition), pack(request)),
  }
}

/** Strangers may ask as often as they like: there is one question under way, and its answer holds for a while. */
export function sharedFor<Answer>(
  keptMs: number,
  ask: (count: number) => Promise<Answer>,
): (count: number) => Promise<Answer> {
  let kept: Promise<Answer> | null = null
  return count => {
    if (kept !== null) return kept
    const forget = () => {
      kept = null
    }
    kept = ask(count)
    kept.then(() => setTimeout(forget, keptMs).unref(), forget)
    return kept
  }
}

function isCurrent(reply: ControlReply | QuestionReply): boolean {
  return reply.kind === 'status' ? reply.status.current : reply.current
}
