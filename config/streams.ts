import { streams, subjects } from '../core/wire/subjects.ts'

/**
 * The two streams as JetStream's API takes them (its field names, durations in nanoseconds, sizes in bytes). Data
 * only: `config/nats.ts` creates them.
 */
export type StreamConfig = {
  readonly name: string
  readonly description: string
  readonly subjects: readonly string[]
  readonly retention: 'limits'
  readonly storage: 'file'
  readonly discard: 'old' | 'new'
  readonly max_bytes: number
  /** 0: no age. */
  readonly max_age: number
  readonly max_msgs: number
  readonly max_msgs_per_subject: number
  readonly max_msg_size: number
  readonly max_consumers: number
  readonly num_replicas: number
  readonly duplicate_window: number
  readonly allow_direct: boolean
  readonly deny_delete: boolean
  readonly deny_purge: boolean
}

/** What a deployment chooses. A byte limit is reserved on the disk of the nats-server when the stream is made. */
export type StreamSizes = {
  readonly logBytesMax: number
  readonly resultsBytesMax: number
  /** 1 on one machine, 3 on a cluster. */
  readonly replicas: 1 | 3 | 5
}

const mebibyte = 1024 * 1024
const secondNs = 1_000_000_000
const dayNs = 86_400 * secondNs
const unlimited = -1

const defaultStreamSizes: StreamSizes = {
  logBytesMax: 4_096 * mebibyte,
  resultsBytesMax: 1_024 * mebibyte,
  replicas: 1,
}

const common = {
  retention: 'limits',
  storage: 'file',
  max_msgs: unlimited,
  max_msgs_per_subject: unlimited,
  max_msg_size: unlimited,
  max_consumers: unlimited,
  duplicate_window: 120 * secondNs,
  allow_direct: true,
  deny_delete: false,
  deny_purge: false,
} as const

/**
 * LOG: what decides. When it is full it refuses (`discard: new`), so nothing unapplied is ever dropped; it has no age,
 * because the owners trim it by sequence as far as they have committed. Deleting and purging stay allowed for that.
 */
export function logStream({ logBytesMax, replicas }: StreamSizes = defaultStreamSizes): StreamConfig {
  return {
    ...common,
    name: streams.log,
    description: 'Every entry that can change an outcome, in order, per partition.',
    subjects: [subjects.everyLog, subjects.padding(streams.log)],
    discard: 'new',
    max_bytes: logBytesMax,
    max_age: 0,
    num_replicas: replicas,
  }
}

/**
 * RESULTS: what outsiders read. The oldest give way after 7 days or when it is full; they can be derived from LOG and
 * the stores, so they never stop the log.
 */
export function resultsStream({ resultsBytesMax, replicas }: StreamSizes = defaultStreamSizes): StreamConfig {
  return {
    ...common,
    name: streams.results,
    description: 'Calls, corrections, ended sessions and refusals, per tenant.',
    subjects: [subjects.everyResult, subjects.padding(streams.results)],
    discard: 'old',
    max_bytes: resultsBytesMax,
    max_age: 7 * dayNs,
    num_replicas: replicas,
  }
}

/**
 * How long a block file of a stream may be: nats-server chooses it by the stream's byte limit. What was removed stands in
 * a block for as long as another entry of the same block is there, or the block is the one that is written to.
 */
export function blockBytes(bytesMax: number): number {
  const quarter = Math.ceil((Math.floor(bytesMax / 4) + 1) / 100) * 100
  if (quarter <= 32_000) return 32_000
  return quarter >= 8 * mebibyte ? 8 * mebibyte : 4 * mebibyte
}

/** The sizes of a deployment whose log may hold so many bytes. */
export function streamSizes(logBytesMax = defaultStreamSizes.logBytesMax): StreamSizes {
  return { ...defaultStreamSizes, logBytesMax }
}

/** What both may take on the disk of a nats-server, with something to spare for its own files. */
export function storeBytesMax({ logBytesMax, resultsBytesMax }: StreamSizes): number {
  return logBytesMax + resultsBytesMax + 256 * mebibyte
}
