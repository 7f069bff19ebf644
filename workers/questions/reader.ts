import { setPriority } from 'node:os'
import type { MessagePort } from 'node:worker_threads'
import { setTimeout as wait } from 'node:timers/promises'
import { causeOf, createLastLogger, createLogger } from '../../config/logger.ts'
import { type LinkOptions, openLink } from '../../config/nats.ts'
import { unpack } from '../../config/pack.ts'
import { limits } from '../../core/limits.ts'
import type { QuestionRequest } from '../../core/wire/questions.ts'
import { subjects } from '../../core/wire/subjects.ts'
import { createRests } from '../rounds.ts'
import { answerQuestion } from './answering.ts'
import { fitting } from './fitting.ts'
import { createPartitionCalls, makeRoom, type PartitionCalls } from './partitionCalls.ts'

/**
 * The one task of the thread that answers questions about calls, beside those that match: it reads the stores that they
 * write, asks them nothing, and has a lower priority, so that a report is late before a caller is.
 */
export type ReaderSetup = {
  readonly link: LinkOptions
  readonly partitions: readonly number[]
  readonly dataDir: string
  readonly logLevel: string
  readonly port: MessagePort
}

/** `current`: the partitions whose owner here has caught up with the log. */
export type ToReader =
  | { readonly kind: 'stop' }
  | { readonly kind: 'stands'; readonly current: readonly number[] }

/** As long as what was committed may stay unseen by those who ask nothing. */
const keepUpEveryMs = 200
const priority = 10

export default async function runReader({
  link: options,
  port,
  partitions,
  dataDir,
  logLevel,
}: ReaderSetup): Promise<void> {
  lowerPriority()
  const logger = createLogger(logLevel)
  const link = await openLink(options, error => logger.warn(causeOf(error), 'message_passed_over'))
  const all = new Map<number, PartitionCalls>()
  for (const number of partitions) all.set(number, createPartitionCalls(dataDir, number))
  closeBeforeDying(all, logLevel)
  const state = { stopping: false, current: new Set<number>() }
  port.on('message', (message: ToReader) => {
    if (message.kind === 'stop') state.stopping = true
    else state.current = new Set(message.current)
  })
  const subscriptions = [...all].map(([number, calls]) =>
    link.subscribe(subjects.questions(number), message => {
      const request = unpack(message.data) as QuestionRequest
      const reply = answerQuestion(calls, request, state.current.has(number), Date.now())
      message.respond(fitting(reply, link.payloadBytesMax()))
    }),
  )
  const isStopping = () => state.stopping
  while (!isStopping()) await round(all, isStopping)
  for (const subscription of subscriptions) subscription.stop()
  await Promise.all([...all.values()].map(one => one.close()))
  await link.drain()
  port.close()
}

/** Reads what is not read yet, a little at a time, then waits. */
async function round(all: ReadonlyMap<number, PartitionCalls>, isStopping: () => boolean): Promise<void> {
  const rest = createRests()
  for (const calls of all.values()) {
    for (let more = true; more && !isStopping(); ) {
      more = calls.readOn()
      makeRoom([...all.values()], limits.questionCallsMax)
      if (more) await rest()
    }
  }
  await wait(keepUpEveryMs)
}

/** On Linux this is of the thread alone. Where it is not allowed, questions are answered all the same. */
function lowerPriority(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(0, priority)
  } catch {
    // As it was.
  }
}

/** As threads of owners do: LMDB's own threads must not outlive the isolate. */
function closeBeforeDying(all: ReadonlyMap<number, PartitionCalls>, logLevel: string): void {
  process.on('uncaughtException', error => {
    createLastLogger(logLevel).error(causeOf(error), 'thread_crashed')
    const closed = Promise.all([...all.values()].map(one => one.close()))
    void closed.catch(() => undefined).then(() => process.exit(1))
  })
}
