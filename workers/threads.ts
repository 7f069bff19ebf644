import type { Config } from '../config/config.ts'
import { MessageChannel, type MessagePort, type ResourceLimits } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { causeOf, type Logger } from '../config/logger.ts'
import { isRefused } from '../config/refused.ts'
import type { LinkOptions } from '../config/nats.ts'
import type { ReplyMessage } from '../core/wire/reply.ts'
import type { MetricJson } from './counts.ts'
import { heapLimits, setHeapFlags } from './heap.ts'
import { createStandings, type Standings } from './standings.ts'
import type { FromThread, Standing, ThreadSetup, ToThread } from './thread.ts'

/**
 * The one door to Piscina. One single-thread pool per thread, one never-ending task in it: Piscina gives the thread its
 * life and a successor, the log gives order, and a partition never moves between threads of a process.
 */

export type ThreadsSetup = {
  readonly link: LinkOptions
  /** Where the gateway of this process takes replies, and how it is told of them; null: it has none. */
  readonly gateway: LocalGateway | null
  readonly partitions: readonly number[]
  readonly threads: number
  readonly dataDir: string
  readonly keyDir: string
  readonly rootKey: Uint8Array
  readonly audit: Config['audit']
  readonly backups: Config['backups']
  readonly logLevel: string
  readonly logger: Logger
}

export type LocalGateway = {
  readonly inbox: string
  readonly replied: (message: ReplyMessage) => void
}

export type Threads = {
  /** Resolves when every thread has opened its partitions; rejects with the sentence of the first that cannot. */
  readonly ready: Promise<void>
  measure(timeoutMs: number): Promise<{ metrics: MetricJson[][]; missing: number }>
  restarts(): number
  /** Where each partition stands, as its thread said last; a partition whose thread has not spoken lately is missing. */
  standing(): readonly Standing[]
  stop(): Promise<void>
}

type Thread = {
  readonly partitions: readonly number[]
  port: MessagePort | null
  readonly standings: Standings
  restarts: number
  hasOpened: boolean
  opened: () => void
  failed: (error: Error) => void
  readonly asked: Map<number, (metrics: MetricJson[]) => void>
}

const restartWaitMs = 200

export function startThreads(setup: ThreadsSetup): Threads {
  const threads: Thread[] = []
  const opening: Promise<void>[] = []
  for (const partitions of split(setup.partitions, setup.threads)) {
    opening.push(
      new Promise((opened, failed) => {
        // Steps of the wall clock are no silence.
        const standings = createStandings(() => performance.now())
        const begun = { port: null, restarts: 0, hasOpened: false, asked: new Map() }
        threads.push({ partitions, standings, ...begun, opened, failed })
      }),
    )
  }
  setHeapFlags()
  const life = { stopping: false }
  const lives = threads.map(thread => keepAlive(setup, thread, life))
  let asks = 0
  return {
    ready: Promise.all(opening).then(() => undefined),
    measure: timeoutMs => measure(threads, ++asks, timeoutMs),
    restarts: () => threads.reduce((sum, thread) => sum + thread.restarts, 0),
    standing: () => threads.flatMap(thread => thread.standings.fresh()),
    stop: async () => {
      life.stopping = true
      for (const thread of threads) thread.port?.postMessage({ kind: 'stop' } satisfies ToThread)
      await Promise.all(lives)
    },
  }
}

/** Deals partitions out to threads like cards, so that each gets as many. */
function split(partitions: readonly number[], threads: number): number[][] {
  const hands = Array.from({ length: Math.min(partitions.length, threads) }, () => [] as number[])
  for (const [index, partition] of partitions.entries()) hands[index % hands.length]?.push(partition)
  return hands
}

/** Runs a thread until we stop: one that dies is replaced and resumes at the committed position. */
async function keepAlive(setup: ThreadsSetup, thread: Thread, life: { stopping: boolean }): Promise<void> {
  const limits = heapLimits(Math.min(setup.threads, setup.partitions.length))
  const pool = threadFor('./thread.ts', limits)
  while (!life.stopping) {
    try {
      await runOnce(pool, setup, thread)
    } catch (error) {
      thread.failed(error as Error)
      // The process ends with the sentence.
      if (isRefused(error) && !thread.hasOpened) break
      thread.restarts += 1
      setup.logger.error({ partitions: thread.partitions.length, ...causeOf(error) }, 'thread_died')
      await new Promise(resolve => setTimeout(resolve, restartWaitMs))
    }
  }
  await pool.destroy()
}

/** A thread for one task that does not end by itself, and its successor. */
export function threadFor(file: `./${string}`, resourceLimits: ResourceLimits): Piscina {
  return new Piscina({
    filename: new URL(file, import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    atomics: 'disabled',
    stricterFIFO: true,
    recordTiming: false,
    resourceLimits,
  })
}

async function runOnce(pool: Piscina, setup: ThreadsSetup, thread: Thread): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  thread.port = port1
  port1.on('message', (message: FromThread) => hear(setup, thread, message))
  const { link, dataDir, keyDir, rootKey, audit, backups, logLevel } = setup
  const inbox = setup.gateway?.inbox ?? null
  const task: ThreadSetup = {
    link,
    inbox,
    dataDir,
    keyDir,
    rootKey,
    audit,
    backups,
    logLevel,
    partitions: thread.partitions,
    port: port2,
  }
  try {
    await pool.run(task, { transferList: [port2] })
  } finally {
    port1.close()
    thread.port = null
    thread.standings.forget()
  }
}

function hear(setup: ThreadsSetup, thread: Thread, message: FromThread): void {
  if (typeof message === 'string') return setup.gateway?.replied(JSON.parse(message) as ReplyMessage)
  if (message.kind === 'ready') {
    thread.hasOpened = true
    return thread.opened()
  }
  if (message.kind === 'measured') {
    thread.asked.get(message.id)?.(message.metrics)
    return void thread.asked.delete(message.id)
  }
  thread.standings.hear(message.standing)
}

/** Asks every thread for its counts. A thread that does not answer in time is said to be missing, never taken for zero. */
async function measure(
  threads: readonly Thread[],
  id: number,
  timeoutMs: number,
): Promise<{ metrics: MetricJson[][]; missing: number }> {
  const answers = threads.map(
    thread =>
      new Promise<MetricJson[] | null>(resolve => {
        const timer = setTimeout(() => {
          thread.asked.delete(id)
          resolve(null)
        }, timeoutMs)
        thread.asked.set(id, metrics => {
          clearTimeout(timer)
          resolve(metrics)
        })
        thread.port?.postMessage({ kind: 'measure', id } satisfies ToThread)
      }),
  )
  const all = await Promise.all(answers)
  const metrics = all.filter(one => one !== null)
  return { metrics, missing: all.length - metrics.length }
}
