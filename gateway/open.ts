import { randomBytes } from 'node:crypto'
import type { Config, ConfigProblems } from '../config/config.ts'
import { causeOf, type Logger } from '../config/logger.ts'
import type { Link } from '../config/nats.ts'
import { limits } from '../core/limits.ts'
import { createKeys } from './access/keys.ts'
import { makeMachineToken } from './access/machineToken.ts'
import { addAdminRoutes } from './admin.ts'
import { createApplying } from './applying.ts'
import type { AdminDesk } from './adminDesk.ts'
import { createAddresses, createAdmission, refusal } from './admission.ts'
import { createBeacon } from './beacon.ts'
import { createCalls } from './calls.ts'
import { createCarrierRoutes } from './carrierRoutes.ts'
import { createEndedTenants } from './contract/endedTenants.ts'
import type { Desk } from './configure.ts'
import { gaugeGateway, type Measured, metricsText } from './gauges.ts'
import { openDisks } from './disks.ts'
import { createIntake } from './intake.ts'
import type { LocalGateway } from './localGateway.ts'
import { createMetrics } from './metrics.ts'
import type { NatsChild } from './natsChild.ts'
import { answerNatsSignals } from './natsSignals.ts'
import { createIssuing } from './issuing.ts'
import { createEntering, createNoting } from './noting.ts'
import { openSealingKeys } from './openSealingKeys.ts'
import { openOutbox } from './outbox.ts'
import { createOwners, type Owners } from './owners.ts'
import { checkPepper } from './pepperCheck.ts'
import { createStreams } from './questions/callList.ts'
import { createPseudonyms, loadPepper } from './pseudonyms.ts'
import { gatewayReadiness, type Readiness } from './readiness.ts'
import { createRights } from './rights.ts'
import { addPages } from './routes.ts'
import { createSealer } from './seal.ts'
import { createSpareTime } from './spareTime.ts'
import { createTenants, type Tenants } from './tenants.ts'
import { createTerms } from './terms.ts'
import { type App, createApp, listen, route, socketRoute } from './uws.ts'
import { createVisitors } from './visitors.ts'
import { createWrapping, type Wrapping } from './wrapping.ts'

/** What a gateway is made from. `worker`: the threads of this process; null where workers are elsewhere. */
export type House = {
  readonly config: Config
  readonly logger: Logger
  readonly link: Link
  /** Our name, and how workers of this process, if there are some, tell us of replies. */
  readonly local: LocalGateway
  readonly nats: NatsChild | null
  readonly worker: Measured | null
  readonly storeFormat: number
  /** Brings the file's tenants to their partitions; strangers come in when it resolves. */
  readonly configure: (desk: Desk) => Promise<{ stop(): void }>
  /** Reads the file again, to put it in force while we run; null: `ringtrail apply` does that where workers are elsewhere. */
  readonly reread: (() => Config | ConfigProblems) | null
}

export type Gateway = { readonly publicPort: number; readonly adminPort: number; stop(): Promise<void> }

const drainWithinMs = 5_000
/** Where no owner answers, strangers are let in all the same: the core refuses whom it has to. */
const ownersAwaitedMs = 2_000

/** A gateway on a link: its parts, then its two listeners. */
export async function openGateway(house: House): Promise<Gateway> {
  const { config, logger, link } = house
  const parts = await openParts(house)
  const state = { draining: false }
  const isDraining = () => state.draining
  const ready = () =>
    gatewayReadiness({
      config,
      link,
      ...parts,
      isDraining,
      isAlone: house.worker !== null,
      erasureAtRisk: house.worker?.erasureAtRisk() ?? [],
    })
  const broke = (error: Error) => {
    parts.metrics.add('ringtrail_handlers_threw_total', [])
    logger.error(causeOf(error), 'handler_threw')
  }
  const app = createApp(config.tls)
  addPublicRoutes(app, config, parts, ready, broke)
  const admin = createApp(null)
  const feed = addAdminRoutes(admin, {
    config,
    link,
    ...parts,
    desk: deskOf(house, parts),
    token: makeMachineToken(config.dataDir),
    metricsText: textOf(house, parts),
    ready,
    broke,
  })
  const adminListening = await listen(admin, config.listen.admin.host, config.listen.admin.port)
  const publicListening = await listen(app, config.listen.public.host, config.listen.public.port)
  const stop = async () => {
    state.draining = true
    publicListening.close()
    await closeParts(parts)
    feed.stop()
    adminListening.close()
    app.close()
    admin.close()
    await parts.outbox.close()
  }
  return { publicPort: publicListening.port, adminPort: adminListening.port, stop }
}

/** What handlers of the admin API work with. */
function deskOf({ config, logger, reread }: House, parts: Parts): AdminDesk {
  const { owners, tenants, intake, pseudonyms, sealer, terms } = parts
  const { partitions } = config
  const ended = createEndedTenants(owners, partitions)
  const noting = createNoting(intake)
  const keys = createKeys({ owners, noting, partitions, clock: Date.now })
  const entering = createEntering(intake)
  const edge = { owners, tenants, ended, pseudonyms, sealer, terms }
  const applying =
    reread === null ? null : createApplying({ config, reread, tenants, owners, intake, logger })
  const issuing = createIssuing()
  const streams = createStreams()
  return { config, ...edge, keys, noting, entering, issuing, streams, applying, clock: Date.now }
}

type Parts = Awaited<ReturnType<typeof openParts>>

/** The gateway's parts, each given what it needs. */
async function openParts(house: House) {
  const { config, link } = house
  const clock = Date.now
  const metrics = createMetrics()
  const tenants = createTenants(config)
  const outbox = openOutbox(config.dataDir)
  const disks = await openDisks(config)
  const owners = createOwners(link)
  const wrapping = wrappingOf(house, tenants, owners)
  const spareTime = createSpareTime()
  const intake = createIntake({
    link,
    gateway: house.local.id,
    boot: randomBytes(8).toString('hex'),
    spool: outbox,
    introduce: wrapping.introduce,
    answered: spareTime.begin,
    hasRoom: disks.hasRoom,
    clock: monotonic,
  })
  house.local.hear(intake.replied)
  resendLeft(outbox, house)
  const configuring = await house.configure({ tenants, owners, intake })
  const sealingKeys = openSealingKeys({ link, wrapping, tenants, spareTime, clock: monotonic })
  const pseudonyms = createPseudonyms(pepperOf(config))
  const terms = createTerms({ link, owners, tenants: tenants.all })
  const sealer = createSealer(sealingKeys, pseudonyms, terms.of)
  const edge = {
    tenants,
    addresses: createAddresses(config.trustedProxies),
    admission: createAdmission(),
    metrics,
    clock,
  }
  const rights = createRights({ link, owners, tenants: tenants.all })
  await Promise.all([rights.known(ownersAwaitedMs), terms.known(ownersAwaitedMs)])
  const visitors = createVisitors({ ...edge, intake, sealer, sealingKeys, rights })
  const calls = createCalls({ intake, pseudonyms, sealer, rights, metrics, clock })
  const carriers = createCarrierRoutes({ ...edge, calls, publicUrl: config.publicUrl })
  const beacon = createBeacon({ visitors, intake, sealer, rights, metrics })
  const natsSignals = answerNatsSignals(link, { tenants, calls, metrics })
  return {
    ...edge,
    natsSignals,
    outbox,
    disks,
    pseudonyms,
    sealer,
    sealingKeys,
    terms,
    rights,
    wrapping,
    intake,
    owners,
    visitors,
    carriers,
    beacon,
    configuring,
  }
}

/** Callers are not kept waiting for what an earlier life left. */
function resendLeft(outbox: ReturnType<typeof openOutbox>, { link, logger }: House): void {
  void outbox.resend(link).then(resent => {
    if (resent > 0) logger.info({ resent }, 'outbox_resent')
  })
}

const monotonic = () => performance.now()

function wrappingOf({ link, config }: House, tenants: Tenants, owners: Owners): Wrapping {
  const partitions = [...new Set(tenants.all.map(({ partition }) => partition))]
  return createWrapping({ link, owners, partitions, dataDir: config.dataDir, clock: monotonic })
}

/** From the environment or a file of the configuration, else made at the first start. */
function pepperOf({ pepper, dataDir }: Config): Buffer {
  const bytes = pepper === null ? loadPepper(dataDir) : Buffer.from(pepper.reveal(), 'utf8')
  checkPepper(bytes, dataDir)
  return bytes
}

/** Lets nobody in any more, and waits until the log has what was taken. */
async function closeParts(parts: Parts): Promise<void> {
  const { configuring, rights, terms, visitors, natsSignals, disks, intake } = parts
  configuring.stop()
  rights.stop()
  terms.stop()
  visitors.closeAll()
  visitors.stop()
  natsSignals.stop()
  disks.stop()
  await intake.drained(drainWithinMs)
  intake.stop()
  parts.sealingKeys.stop()
  parts.wrapping.stop()
}

function textOf({ config, link, nats, worker, storeFormat }: House, parts: Parts) {
  const isDurable = config.nats.durability === 'durable'
  const setup = { metrics: parts.metrics, link, nats, worker, isDurable, storeFormat }
  return () => metricsText(setup, () => gaugeGateway(parts))
}

function addPublicRoutes(
  app: App,
  config: Config,
  parts: Parts,
  ready: () => Promise<Readiness>,
  broke: (error: Error) => void,
): void {
  const tooLarge = () => {
    parts.metrics.add('ringtrail_refused_total', ['too-large'])
    return refusal('too-large')
  }
  socketRoute(app, '/v1/visit', parts.visitors.route)
  socketRoute(app, '/v1/calls/:tenant', parts.carriers.stream)
  route(app, '/v1/visit', limits.bodyBytesMax, tooLarge, parts.beacon, broke)
  route(app, '/v1/calls/:carrier/:tenant', limits.bodyBytesMax, tooLarge, parts.carriers.webhook, broke)
  route(app, '/healthz', 0, tooLarge, async () => ({ status: (await ready()).reachable ? 200 : 503 }), broke)
  addPages(app, config, broke)
  route(app, '/*', 0, tooLarge, () => refusal('not-found'), broke)
}
