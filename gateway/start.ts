import type { Config, ConfigProblems } from '../config/config.ts'
import { parseNatsUrl } from '../config/addresses.ts'
import { causeOf, createLogger, type Logger } from '../config/logger.ts'
import { type Link, type LinkOptions, openLink } from '../config/nats.ts'
import { loadRootKey } from '../config/rootKey.ts'
import { logStream, resultsStream, streamSizes } from '../config/streams.ts'
import { addMonitorRoutes } from './admin.ts'
import { configureTenants, introduceTenants } from './configure.ts'
import { type Measured, metricsText } from './gauges.ts'
import { createLocalGateway, type LocalGateway } from './localGateway.ts'
import { openDisks } from './disks.ts'
import { createMetrics } from './metrics.ts'
import { type NatsChild, startNats } from './natsChild.ts'
import { openGateway } from './open.ts'
import { own } from './ownership.ts'
import { workerReadiness } from './readiness.ts'
import { gaugeDisks } from './room.ts'
import { createApp, listen } from './uws.ts'

/** The three roles of the one executable. `main.ts` introduces the workers; here they are known by what they do. */
export type Running = {
  /** null: this role has no public listener. */
  readonly publicPort: number | null
  readonly adminPort: number
  /** Resolves when everything taken is in the log and on the disk, and every part has ended. */
  stop(): Promise<void>
}

/** The partitions of this process, as it starts and asks them. */
export type Worker = Measured & {
  readonly ready: Promise<void>
  standing(): readonly {
    readonly partition: number
    readonly current: boolean
    readonly stopped: string | null
    readonly failedCommits: number
  }[]
  stop(): Promise<void>
}
export type WorkerSetup = {
  readonly link: Link
  readonly linkOptions: LinkOptions
  readonly gateway: LocalGateway | null
  readonly partitions: readonly number[]
  readonly partitionsInAll: number
  readonly threads: number
  readonly dataDir: string
  readonly keyDir: string
  readonly returnsKeptMs: number
  readonly rootKey: Uint8Array
  readonly audit: Config['audit']
  readonly backups: Config['backups']
  readonly logLevel: string
  readonly logger: Logger
  readonly keepMs: number
  readonly logBytesMax: number
  readonly streamsFolder: string | null
}
export type Workers = { readonly start: (setup: WorkerSetup) => Worker; readonly storeFormat: number }

/**
 * Everything in one process: gateway here, partitions in worker threads, a nats-server of our own unless one is named.
 * `reread` reads the configuration again, for whoever changed the file while it runs.
 */
export async function start(
  config: Config,
  workers: Workers,
  reread: () => Config | ConfigProblems,
): Promise<Running> {
  const ground = await openGround(config)
  const { logger, link, nats } = ground
  const local = createLocalGateway()
  const worker = workers.start(workerSetup(ground, allPartitions(config), local))
  await worker.ready
  const configure = async (desk: Parameters<typeof configureTenants>[0]) => {
    await configureTenants(desk)
    return { stop: () => undefined }
  }
  const { storeFormat } = workers
  const house = { config, logger, link, local, worker, nats, storeFormat, configure, reread }
  const gateway = await openGateway(house)
  const { publicPort, adminPort } = gateway
  logger.info({ public: publicPort, admin: adminPort, durability: config.nats.durability }, 'started')
  return {
    publicPort,
    adminPort,
    stop: async () => {
      await gateway.stop()
      await worker.stop()
      await ground.leave()
    },
  }
}

/** A gateway alone: sockets and carriers here, partitions wherever workers own them. */
export async function startGateway(config: Config, storeFormat: number): Promise<Running> {
  const ground = await openGround(config)
  const { logger, link } = ground
  const gateway = await openGateway({
    config,
    logger,
    link,
    local: createLocalGateway(),
    worker: null,
    nats: null,
    storeFormat,
    configure: desk => introduceTenants(desk, logger),
    reread: null,
  })
  const { publicPort, adminPort } = gateway
  logger.info({ role: 'gateway', public: publicPort, admin: adminPort }, 'started')
  return {
    publicPort,
    adminPort,
    stop: async () => {
      await gateway.stop()
      await ground.leave()
    },
  }
}

/** A worker alone: it owns partitions, all or some, and has a listener for monitors. */
export async function startWorker(
  config: Config,
  workers: Workers,
  partitions: readonly number[] = allPartitions(config),
): Promise<Running> {
  const ground = await openGround(config)
  const { logger, link } = ground
  const worker = workers.start(workerSetup(ground, partitions, null))
  await worker.ready
  const state = { draining: false }
  const metrics = createMetrics({})
  const disks = await openDisks(config)
  const isDurable = config.nats.durability === 'durable'
  const process = { metrics, link, nats: null, worker, isDurable, storeFormat: workers.storeFormat }
  const admin = createApp(null)
  addMonitorRoutes(admin, {
    config,
    metricsText: () => metricsText(process, () => gaugeDisks(metrics, disks)),
    ready: async () =>
      workerReadiness(link, partitions.length, worker.standing(), state.draining, worker.erasureAtRisk()),
    broke: error => logger.error(causeOf(error), 'handler_threw'),
  })
  const listening = await listen(admin, config.listen.admin.host, config.listen.admin.port)
  logger.info({ role: 'worker', admin: listening.port, partitions: partitions.length }, 'started')
  return {
    publicPort: null,
    adminPort: listening.port,
    stop: async () => {
      state.draining = true
      disks.stop()
      await worker.stop()
      listening.close()
      admin.close()
      await ground.leave()
    },
  }
}

/** What every role stands on: its data directory, a link to a nats-server, the streams. */
type Ground = {
  readonly config: Config
  readonly logger: Logger
  readonly linkOptions: LinkOptions
  readonly link: Link
  readonly nats: NatsChild | null
  leave(): Promise<void>
}

const natsAwaitedMs = 5_000

async function openGround(config: Config): Promise<Ground> {
  const logger = createLogger(config.logLevel)
  const ownership = await own(config.dataDir)
  const mayFetch = !config.egress.declared
  const nats = config.nats.url === null ? await startNats({ ...config.nats, mayFetch, logger }) : null
  const { peers } = config.egress
  const linkOptions = nats?.link ?? { ...parseNatsUrl(config.nats.url ?? ''), peers, name: 'ringtrail' }
  const awaited = setTimeout(() => logger.warn('nats_awaited'), natsAwaitedMs)
  // Of a server of our own it is said elsewhere when it died, and when it runs again.
  let isSaid = nats === null
  const link = await openLink(
    linkOptions,
    error => logger.warn(causeOf(error), 'message_passed_over'),
    isConnected => {
      if (isSaid && isConnected) logger.info('nats_back')
      if (isSaid && !isConnected) logger.warn('nats_lost')
    },
  )
  clearTimeout(awaited)
  await link.ensureStream(logStream(streamSizes(config.nats.logBytes)), {
    partitions: String(config.partitions),
  })
  await link.ensureStream(resultsStream())
  const leave = async () => {
    isSaid = false
    await link.drain()
    await nats?.stop()
    ownership.release()
    logger.info('stopped')
  }
  return { config, logger, linkOptions, link, nats, leave }
}

function workerSetup(
  { config, logger, link, linkOptions }: Ground,
  partitions: readonly number[],
  gateway: LocalGateway | null,
): WorkerSetup {
  const { threads, dataDir, keyDir, returnsKeptMs, audit, backups, logLevel, latenessMs } = config
  const partitionsInAll = config.partitions
  const log = {
    link,
    linkOptions,
    gateway,
    partitions,
    partitionsInAll,
    keepMs: latenessMs,
    logBytesMax: config.nats.logBytes,
    streamsFolder: config.nats.url === null ? config.nats.storeDir : null,
  }
  return {
    ...log,
    threads,
    dataDir,
    keyDir,
    returnsKeptMs,
    rootKey: loadRootKey(config),
    audit,
    backups,
    logLevel,
    logger,
  }
}

function allPartitions(config: Config): readonly number[] {
  return Array.from({ length: config.partitions }, (_, partition) => partition)
}
