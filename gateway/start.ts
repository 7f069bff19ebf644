import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { createLogger, type Logger } from '../config/logger.ts'
import { type Link, type LinkOptions, openLink } from '../config/nats.ts'
import { logStream, resultsStream } from '../config/streams.ts'
import { limits } from '../core/limits.ts'
import { rulesVersion } from '../core/state.ts'
import { streams } from '../core/wire/subjects.ts'
import { addAdminRoutes } from './admin.ts'
import { createAddresses, createAdmission, refusal } from './admission.ts'
import { createBeacon } from './beacon.ts'
import { createCalls } from './calls.ts'
import { createCarrierRoutes } from './carrierRoutes.ts'
import { configureTenants } from './configure.ts'
import { createIntake } from './intake.ts'
import { createLocalGateway, type LocalGateway } from './localGateway.ts'
import { createMetrics } from './metrics.ts'
import { type NatsChild, startNats } from './natsChild.ts'
import { answerNatsSignals } from './natsSignals.ts'
import { openOutbox } from './outbox.ts'
import { createOwners } from './owners.ts'
import { own } from './ownership.ts'
import { createPseudonyms, loadPepper } from './pseudonyms.ts'
import { createSealer } from './seal.ts'
import { addPages } from './routes.ts'
import { createTenants } from './tenants.ts'
import { type App, createApp, listen, route, socketRoute } from './uws.ts'
import { createVisitors } from './visitors.ts'

export type Running = {
  readonly publicPort: number
  readonly adminPort: number
  /** Resolves when everything taken is in the log and on the disk, and every part has ended. */
  stop(): Promise<void>
}

const measureWithinMs = 1_000
const drainWithinMs = 5_000
const sampleEveryMs = 60_000

/** The worker threads, as the gateway's process starts and asks them. `main.ts` introduces the two. */
export type Threads = {
  readonly ready: Promise<void>
  measure(timeoutMs: number): Promise<{ metrics: object[][]; missing: number }>
  restarts(): number
  stop(): Promise<void>
}
export type ThreadsSetup = {
  readonly link: LinkOptions
  readonly gateway: LocalGateway | null
  readonly partitions: number
  readonly threads: number
  readonly dataDir: string
  readonly logLevel: string
  readonly logger: Logger
  readonly committed: (lowest: number) => void
}
export type Workers = { readonly start: (setup: ThreadsSetup) => Threads; readonly storeFormat: number }

/** What every part of a running gateway is made from. */
type House = {
  readonly config: Config
  readonly logger: Logger
  readonly link: Link
  readonly local: LocalGateway
  readonly threads: Threads
  readonly nats: NatsChild | null
  readonly storeFormat: number
}

/** Everything in one process: gateway here, partitions in worker threads, a nats-server of our own unless one is named. */
export async function start(config: Config, workers: Workers): Promise<Running> {
  const logger = createLogger(config.logLevel)
  const ownership = await own(config.dataDir)
  const nats = config.nats.url === null ? await startNats({ ...config.nats, logger }) : null
  const linkOptions: LinkOptions = nats?.link ?? { servers: config.nats.url ?? '', name: 'ringtrail' }
  const link = await openLink(linkOptions)
  await link.ensureStream(logStream())
  await link.ensureStream(resultsStream())
  const local = createLocalGateway()
  const threads = workers.start(threadsSetup(config, linkOptions, link, logger, local))
  await threads.ready
  const gateway = await openGateway({
    config,
    logger,
    link,
    local,
    threads,
    nats,
    storeFormat: workers.storeFormat,
  })
  logger.info(
    { public: gateway.publicPort, admin: gateway.adminPort, durability: config.nats.durability },
    'started',
  )
  return {
    publicPort: gateway.publicPort,
    adminPort: gateway.adminPort,
    stop: async () => {
      await gateway.stop()
      await threads.stop()
      await link.drain()
      await nats?.stop()
      ownership.release()
      logger.info('stopped')
    },
  }
}

/** Threads tell how far they are; the log is trimmed up to what all of them have on disk and is old enough. */
function threadsSetup(
  config: Config,
  link: LinkOptions,
  connection: Link,
  logger: Logger,
  local: LocalGateway,
): ThreadsSetup {
  const samples: { at: number; sequence: number }[] = []
  const committed = (lowest: number) => {
    const now = Date.now()
    if ((samples.at(-1)?.at ?? 0) < now - sampleEveryMs) samples.push({ at: now, sequence: lowest })
    const old = samples.findLastIndex(sample => sample.at < now - config.latenessMs)
    const sample = samples[old]
    if (sample === undefined || sample.sequence < 2) return
    samples.splice(0, old + 1)
    connection.trim(streams.log, sample.sequence).catch(() => logger.warn('trim_failed'))
  }
  const { partitions, threads, dataDir, logLevel } = config
  return { link, gateway: local, partitions, threads, dataDir, logLevel, logger, committed }
}

type Parts = Awaited<ReturnType<typeof openParts>>

/** The gateway's parts, each given what it needs. Strangers come in only when every partition applies the file. */
async function openParts(house: House) {
  const { config, link, logger } = house
  const clock = Date.now
  const metrics = createMetrics()
  const tenants = createTenants(config)
  const outbox = openOutbox(config.dataDir)
  const { id: gateway } = house.local
  const boot = randomBytes(8).toString('hex')
  const intake = createIntake({ link, gateway, boot, spool: outbox, clock })
  house.local.hear(intake.replied)
  const owners = createOwners(link)
  const resent = await outbox.resend(link)
  if (resent > 0) logger.info({ resent }, 'outbox_resent')
  await configureTenants(tenants, owners, intake)
  const sealer = createSealer()
  const pseudonyms = createPseudonyms(pepperOf(config))
  const edge = {
    tenants,
    addresses: createAddresses(config.trustedProxies),
    admission: createAdmission(),
    metrics,
    clock,
  }
  const visitors = createVisitors({ ...edge, intake, sealer })
  const calls = createCalls({ intake, pseudonyms, sealer, metrics, clock })
  const carriers = createCarrierRoutes({ ...edge, calls, publicUrl: config.publicUrl })
  const beacon = createBeacon({ visitors, intake, sealer })
  const natsSignals = answerNatsSignals(link, tenants, calls)
  return { natsSignals, metrics, tenants, outbox, intake, owners, visitors, carriers, beacon }
}

/** From the environment or a file of the configuration, else made at the first start. */
function pepperOf(config: Config): Buffer {
  return config.pepper === null ? loadPepper(config.dataDir) : Buffer.from(config.pepper.reveal(), 'utf8')
}

type Gateway = { readonly publicPort: number; readonly adminPort: number; stop(): Promise<void> }

async function openGateway(house: House): Promise<Gateway> {
  const { config, logger } = house
  const parts = await openParts(house)
  const state = { draining: false }
  const ready = () => readiness(house, parts.owners, state.draining)
  const broke = (error: Error) => logger.error({ name: error.name }, 'handler_threw')
  const app = createApp(config.tls)
  addPublicRoutes(app, config, parts, ready, broke)
  const admin = createApp(null)
  const { link } = house
  const metricsText = () => measured(house, parts)
  const feed = addAdminRoutes(admin, {
    config,
    link,
    owners: parts.owners,
    tenants: parts.tenants,
    metricsText,
    ready,
    broke,
  })
  const adminListening = await listen(admin, config.listen.admin.host, config.listen.admin.port)
  const publicListening = await listen(app, config.listen.public.host, config.listen.public.port)
  const stop = async () => {
    state.draining = true
    publicListening.close()
    parts.visitors.closeAll()
    parts.visitors.stop()
    parts.natsSignals.stop()
    await parts.intake.drained(Date.now() + drainWithinMs)
    parts.intake.stop()
    feed.stop()
    adminListening.close()
    app.close()
    admin.close()
    await parts.outbox.close()
  }
  return { publicPort: publicListening.port, adminPort: adminListening.port, stop }
}

type Ready = () => Promise<{ ready: boolean; detail: object }>

function addPublicRoutes(
  app: App,
  config: Config,
  parts: Parts,
  ready: Ready,
  broke: (error: Error) => void,
): void {
  const tooLarge = refusal('too-large')
  socketRoute(app, '/v1/visit', parts.visitors.route)
  socketRoute(app, '/v1/calls/:tenant', parts.carriers.stream)
  route(app, '/v1/visit', limits.bodyBytesMax, tooLarge, parts.beacon, broke)
  route(app, '/v1/calls/:carrier/:tenant', limits.bodyBytesMax, tooLarge, parts.carriers.webhook, broke)
  route(app, '/healthz', 0, tooLarge, async () => ({ status: (await ready()).ready ? 200 : 503 }), broke)
  addPages(app, config, broke)
  route(app, '/*', 0, tooLarge, () => refusal('not-found'), broke)
}

async function readiness(
  { config, link }: House,
  owners: Parts['owners'],
  draining: boolean,
): Promise<{ ready: boolean; detail: object }> {
  const connected = link.isConnected()
  const asked =
    connected && !draining ? Array.from({ length: config.partitions }, (_, partition) => partition) : []
  const statuses = await Promise.all(asked.map(partition => owners.status(partition).catch(() => null)))
  const stopped = statuses.flatMap(status =>
    status?.stopped == null ? [] : [{ partition: status.partition, reason: status.stopped }],
  )
  const missing = statuses.filter(status => status === null).length
  const ready = connected && !draining && missing === 0 && stopped.length === 0
  return {
    ready,
    detail: {
      nats: connected,
      durability: config.nats.durability,
      draining,
      missingPartitions: missing,
      stopped,
    },
  }
}

async function measured(house: House, parts: Parts): Promise<{ type: string; text: string }> {
  const { metrics, missing } = await house.threads.measure(measureWithinMs)
  parts.metrics.set('ringtrail_scrape_missing_threads', [], missing)
  gauge(house, parts)
  return parts.metrics.text(metrics)
}

/** Sets what is only known when somebody looks. */
function gauge(
  { config, link, threads, nats, storeFormat }: House,
  { metrics, visitors, intake, outbox }: Parts,
): void {
  metrics.set('ringtrail_sockets', ['visitor'], visitors.sockets())
  metrics.set('ringtrail_lane_waiting', ['visit'], intake.waiting('visit'))
  metrics.set('ringtrail_lane_waiting', ['call'], intake.waiting('call'))
  metrics.set('ringtrail_outbox_entries', [], outbox.size())
  metrics.total('ringtrail_outbox_spooled_total', outbox.spooled())
  metrics.set('ringtrail_log_connected', [], link.isConnected() ? 1 : 0)
  metrics.total('ringtrail_log_reconnects_total', link.reconnects())
  metrics.total('ringtrail_nats_restarts_total', nats?.restarts() ?? 0)
  metrics.total('ringtrail_thread_restarts_total', threads.restarts())
  metrics.set('ringtrail_durable', [], config.nats.durability === 'durable' ? 1 : 0)
  metrics.set(
    'ringtrail_build_info',
    [version(), process.version, String(rulesVersion), String(storeFormat)],
    1,
  )
}

/** The product's version, from package.json. */
export function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
