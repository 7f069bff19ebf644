import { randomBytes } from 'node:crypto'
import type { MessagePort } from 'node:worker_threads'
import type { Config } from '../config/config.ts'
import { causeOf, createLogger, type Logger } from '../config/logger.ts'
import { type Link, type LinkOptions, openLink } from '../config/nats.ts'
import { createSigner } from '../config/signing.ts'
import { compactStores } from './compaction.ts'
import { createAnchor } from './anchor.ts'
import { signHeads } from './auditRows.ts'
import { closeStoresBeforeDying } from './crash.ts'
import { createCounts, type Counts, type MetricJson } from './counts.ts'
import { gaugePartition } from './gauges.ts'
import { createPoolWatch } from './poolWatch.ts'
import { isApplyingHeld } from './held.ts'
import { moveWhileIdle } from './idle.ts'
import { type Owned, openPartition } from './open.ts'
import { limits } from '../core/limits.ts'
import { isCurrent } from './partition.ts'
import { createReplies } from './replies.ts'
import { repeat } from './rounds.ts'

/** What a thread is told when it starts, and the port on which it is asked and stopped. */
export type ThreadSetup = {
  readonly link: LinkOptions
  /** Where the gateway of this process takes replies; null: it has none. */
  readonly inbox: string | null
  readonly partitions: readonly number[]
  readonly dataDir: string
  readonly keyDir: string
  /** Wraps all that the key stores hold. */
  readonly rootKey: Uint8Array
  readonly audit: Config['audit']
  readonly backups: Config['backups']
  readonly logLevel: string
  readonly port: MessagePort
}

/** Where a partition stands here. `onDisk` survives a power cut. */
export type Standing = {
  readonly partition: number
  readonly onDisk: number
  readonly current: boolean
  readonly stopped: string | null
  readonly failedCommits: number
}

export type ToThread = { readonly kind: 'stop' } | { readonly kind: 'measure'; readonly id: number }
export type FromThread =
  /** A `ReplyMessage` as JSON: text crosses between threads at half the cost of an object. */
  | string
  | { readonly kind: 'ready' }
  | { readonly kind: 'stands'; readonly standing: readonly Standing[] }
  | { readonly kind: 'measured'; readonly id: number; readonly metrics: MetricJson[] }

const pulseCheckMs = limits.pulseAgainMs
const standingEveryMs = 1_000
const idleEveryMs = 30_000
const logCheckEveryMs = 1_000
const compactionCheckEveryMs = 60_000
const poolsEveryMs = 60_000

/**
 * The one task of a worker thread: it owns its partitions until it is told to stop, then commits, closes its stores and
 * returns. Piscina gives it life and a successor; order comes from the log.
 */
export default async function runThread(setup: ThreadSetup): Promise<void> {
  const { dataDir, keyDir } = setup
  const rootKey = Buffer.from(setup.rootKey)
  const signer = createSigner(rootKey)
  const logger = createLogger(setup.logLevel)
  const counts = createCounts()
  const link = await openLink(setup.link, error => logger.warn(causeOf(error), 'message_passed_over'))
  const producer = `worker|${randomBytes(8).toString('hex')}`
  const reply = createReplies(link, setup.inbox, message =>
    setup.port.postMessage(JSON.stringify(message) satisfies FromThread),
  )
  const owned: Owned[] = []
  closeStoresBeforeDying(owned, setup.logLevel)
  for (const number of setup.partitions) {
    owned.push(
      await openPartition({
        number,
        link,
        reply,
        counts,
        logger,
        dataDir,
        keyDir,
        rootKey,
        signer,
        producer,
        backupsKeptMs: setup.backups.keptMs,
      }),
    )
  }
  setup.port.postMessage({ kind: 'ready' } satisfies FromThread)
  const watch = createPoolWatch(counts, logger)
  const lookAtPools = () => watch(owned.map(({ partition }) => partition.state))
  const stopTimers = startTimers(setup, owned, lookAtPools)
  const stopSigning = startSigning(setup, owned, logger, counts)
  await untilStopped(setup.port, counts, owned, lookAtPools)
  stopTimers()
  await stopSigning()
  await close(link, owned)
  setup.port.close()
}

/** Signs the heads of audit chains that have grown, and hands them to where nobody here can take them back. */
function startSigning(
  { audit }: ThreadSetup,
  owned: readonly Owned[],
  logger: Logger,
  counts: Counts,
): () => Promise<void> {
  const anchor = createAnchor({ ...audit, logger })
  const sign = async () => {
    for (const { partition } of owned) {
      for (const head of await signHeads(partition.audit, partition.store, Date.now())) anchor.offer(head)
    }
    count()
  }
  const count = () => {
    const { anchored, failed, waiting } = anchor.counts()
    counts.set('ringtrail_heads_anchored', [], anchored)
    counts.set('ringtrail_heads_anchor_failures', [], failed)
    counts.set('ringtrail_heads_anchor_waiting', [], waiting)
  }
  count()
  const stop = repeat(sign, audit.signEveryMs)
  return async () => {
    await stop()
    await sign().catch(() => undefined)
    await anchor.settled()
  }
}

function startTimers(setup: ThreadSetup, owned: readonly Owned[], lookAtPools: () => void): () => void {
  const pools = setInterval(lookAtPools, poolsEveryMs)
  const pulses = setInterval(() => {
    for (const one of owned) one.pulse()
  }, pulseCheckMs)
  const onDisk = owned.map(() => 0)
  const standings = repeat(() => tellStanding(setup.port, owned, onDisk), standingEveryMs)
  const idle = setInterval(() => {
    // What cannot be asked now is asked the next time.
    for (const one of owned) moveWhileIdle(one).catch(() => undefined)
  }, idleEveryMs)
  const logChecks = repeat(() => Promise.all(owned.map(one => one.checkLog())), logCheckEveryMs)
  // One at a time: each takes the room of its store once more.
  const compactions = repeat(async () => {
    for (const { partition } of owned)
      if (!isApplyingHeld(partition)) await compactStores(partition, limits.compactEveryMs, Date.now())
  }, compactionCheckEveryMs)
  return () => {
    for (const timer of [pools, pulses, idle]) clearInterval(timer)
    for (const stop of [standings, logChecks, compactions]) stop()
  }
}

/**
 * Says where the partitions stand. The log is trimmed only by what every store has flushed to its disk; a disk that
 * takes nothing does not make us silent.
 */
async function tellStanding(port: MessagePort, owned: readonly Owned[], onDisk: number[]): Promise<void> {
  const committed = owned.map(({ partition }) => Math.max(partition.committed, partition.held.upTo))
  const flushed = await Promise.all(owned.map(({ partition }) => partition.store.isFlushed()))
  for (const [index, isThere] of flushed.entries()) if (isThere) onDisk[index] = committed[index] ?? 0
  const standing = owned.map(({ partition }, index) => ({
    partition: partition.number,
    onDisk: onDisk[index] ?? 0,
    current: isCurrent(partition),
    stopped: partition.stopped,
    failedCommits: partition.failedCommits,
  }))
  port.postMessage({ kind: 'stands', standing } satisfies FromThread)
}

function untilStopped(
  port: MessagePort,
  counts: Counts,
  owned: readonly Owned[],
  lookAtPools: () => void,
): Promise<void> {
  return new Promise(resolve => {
    port.on('message', (message: ToThread) => {
      if (message.kind === 'stop') return resolve()
      counts.clear('ringtrail_partition_stopped')
      for (const { partition } of owned) gaugePartition(counts, partition)
      lookAtPools()
      port.postMessage({ kind: 'measured', id: message.id, metrics: counts.asJson() } satisfies FromThread)
    })
  })
}

async function close(link: Link, owned: readonly Owned[]): Promise<void> {
  await Promise.all(owned.map(one => one.follower.stop()))
  await Promise.all(owned.map(one => one.close()))
  await link.drain()
}
