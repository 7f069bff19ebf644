import type { Config } from '../config/config.ts'
import { randomBytes } from 'node:crypto'
import { causeOf, type Logger } from '../config/logger.ts'
import type { Link, LinkOptions } from '../config/nats.ts'
import { pack, unpack } from '../config/pack.ts'
import type { PositionsSaid } from '../core/wire/control.ts'
import { streams, subjects } from '../core/wire/subjects.ts'
import { streamSizes } from '../config/streams.ts'
import { limits } from '../core/limits.ts'
import { createCounts, type MetricJson } from './counts.ts'
import { createErasure, type Erasure } from './erasure.ts'
import { returnsFolder } from './returnFolder.ts'
import { startReader } from './questions/startReader.ts'
import { createReturnSweep } from './returnSweep.ts'
import { repeat } from './rounds.ts'
import type { Standing } from './thread.ts'
import { type LocalGateway, startThreads, type Threads } from './threads.ts'
import { createHorizon, halfFrom } from './trim.ts'

/** The partitions that a process owns: their threads, and the trimming of the log that follows from where they stand. */
export type Worker = {
  /** Resolves when every thread has opened its partitions; rejects with the sentence of the first that cannot. */
  readonly ready: Promise<void>
  measure(timeoutMs: number): Promise<{ metrics: MetricJson[][]; missing: number }>
  restarts(): number
  /** Why bytes of what was removed may stay longer than was promised. */
  erasureAtRisk(): readonly string[]
  standing(): readonly Standing[]
  stop(): Promise<void>
}

export type WorkerSetup = {
  readonly link: Link
  /** Threads make links of their own. */
  readonly linkOptions: LinkOptions
  /** The gateway of this process; null: it has none. */
  readonly gateway: LocalGateway | null
  readonly partitions: readonly number[]
  /** How many the deployment has. */
  readonly partitionsInAll: number
  readonly threads: number
  readonly dataDir: string
  readonly keyDir: string
  /** For how long a return package lies on the disk. */
  readonly returnsKeptMs: number
  readonly rootKey: Uint8Array
  readonly audit: Config['audit']
  readonly backups: Config['backups']
  readonly logLevel: string
  readonly logger: Logger
  /** For how long the log keeps what every owner has on disk. */
  readonly keepMs: number
  /** What the log may hold. */
  readonly logBytesMax: number
  /** The folder of the streams; null: they are on another machine. */
  readonly streamsFolder: string | null
}

const sayEveryMs = 60_000
const sweepEveryMs = 60_000

export function startWorker(setup: WorkerSetup): Worker {
  const { linkOptions, gateway, partitions, dataDir, keyDir, rootKey, audit, backups, logLevel, logger } =
    setup
  const threads = startThreads({
    link: linkOptions,
    gateway,
    partitions,
    threads: setup.threads,
    dataDir,
    keyDir,
    rootKey,
    audit,
    backups,
    logLevel,
    logger,
  })
  const reader = startReader({
    link: linkOptions,
    partitions,
    dataDir,
    logLevel,
    logger,
    standing: threads.standing,
  })
  const counts = createCounts()
  const erasure = createErasure({
    link: setup.link,
    logger,
    counts,
    logBytesMax: setup.logBytesMax,
    resultsBytesMax: streamSizes().resultsBytesMax,
    everyMs: limits.paddingEveryMs,
    riskAfterMs: limits.erasureRiskAfterMs,
    streamsFolder: setup.streamsFolder,
  })
  const sweep = createReturnSweep({
    ...setup,
    folder: returnsFolder(dataDir),
    keptMs: setup.returnsKeptMs,
    counts,
  })
  const stopSweeping = repeat(() => sweep(Date.now()), sweepEveryMs)
  const stopTrimming = startTrimming(setup, threads, erasure)
  return {
    ...threads,
    measure: async timeoutMs => {
      const { metrics, missing } = await threads.measure(timeoutMs)
      return { metrics: [...metrics, counts.asJson()], missing }
    },
    erasureAtRisk: erasure.atRisk,
    stop: async () => {
      stopTrimming()
      await stopSweeping()
      await reader.stop()
      await threads.stop()
    },
  }
}

/** Says where we stand, hears where all stand, ourselves among them, and trims the log by that. */
function startTrimming(
  { link, partitions, partitionsInAll, keepMs, logBytesMax, logger }: WorkerSetup,
  threads: Threads,
  erasure: Erasure,
): () => void {
  const owner = randomBytes(8).toString('hex')
  const horizon = createHorizon(partitionsInAll)
  const heard = link.subscribe(subjects.positions, message =>
    horizon.hear(unpack(message.data) as PositionsSaid, Date.now()),
  )
  const timer = setInterval(() => {
    if (!link.isConnected()) return
    const standing = threads.standing()
    // Before every thread has spoken, the lowest of all is not known.
    if (standing.length === partitions.length) {
      const lowest = Math.min(...standing.map(one => one.onDisk))
      link.publish(subjects.positions, pack({ owner, partitions, lowest } satisfies PositionsSaid))
    }
    trim(link, horizon.lowest(Date.now()), Date.now() - keepMs, logBytesMax).catch(error =>
      logger.warn(causeOf(error), 'trim_failed'),
    )
    erasure.round(Date.now()).catch(error => logger.warn(causeOf(error), 'erasure_round_failed'))
  }, sayEveryMs)
  return () => {
    clearInterval(timer)
    heard.stop()
  }
}

/**
 * What all owners have on disk goes, unless it is younger than the time from which on everything stays; where the log is
 * more than half full, the oldest of that goes too.
 */
export async function trim(
  link: Link,
  lowest: number | null,
  staysFromMs: number,
  bytesMax: number,
): Promise<void> {
  if (lowest === null) return
  // The lowest itself stays: a log that begins after it would look as if something were missing.
  const log = await link.streamState(streams.log)
  const stays = Math.max(await link.sequenceSince(streams.log, staysFromMs), halfFrom(log, bytesMax))
  const before = Math.min(lowest, stays)
  if (before > log.firstSequence) await link.trim(streams.log, before)
}
