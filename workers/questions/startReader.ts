import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { causeOf, type Logger } from '../../config/logger.ts'
import { heapLimits } from '../heap.ts'
import { repeat } from '../rounds.ts'
import type { Standing } from '../thread.ts'
import { threadFor } from '../threads.ts'
import type { ReaderSetup, ToReader } from './reader.ts'

/** The thread of this process that answers questions about calls. */
export type Reader = { stop(): Promise<void> }

export type StartSetup = Omit<ReaderSetup, 'port'> & {
  readonly logger: Logger
  /** Where the owners here stand. */
  readonly standing: () => readonly Standing[]
}

const restartWaitMs = 200
const toldEveryMs = 500
/** Of the memory that the threads of owners may take, what this one may: it holds columns outside of its heap. */
const shareOfHeap = 4

export function startReader(setup: StartSetup): Reader {
  const life: { stopping: boolean; port: MessagePort | null } = { stopping: false, port: null }
  const tell = (message: ToReader) => life.port?.postMessage(message)
  const telling = repeat(async () => {
    const current = setup.standing().filter(one => one.current && one.stopped === null)
    tell({ kind: 'stands', current: current.map(({ partition }) => partition) })
  }, toldEveryMs)
  const running = keepAlive(setup, life)
  return {
    stop: async () => {
      life.stopping = true
      await telling()
      tell({ kind: 'stop' })
      await running
    },
  }
}

async function keepAlive(
  { logger, standing: _, ...task }: StartSetup,
  life: { stopping: boolean; port: MessagePort | null },
): Promise<void> {
  const pool = threadFor('./questions/reader.ts', heapLimits(shareOfHeap))
  while (!life.stopping) {
    const { port1, port2 } = new MessageChannel()
    life.port = port1
    try {
      await pool.run({ ...task, port: port2 } satisfies ReaderSetup, { transferList: [port2] })
    } catch (error) {
      logger.error({ partitions: task.partitions.length, ...causeOf(error) }, 'reader_died')
      await new Promise(resolve => setTimeout(resolve, restartWaitMs))
    } finally {
      port1.close()
      life.port = null
    }
  }
  await pool.destroy()
}
