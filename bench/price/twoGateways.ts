import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '../../config/logger.ts'
import { type Link, openLink } from '../../config/nats.ts'
import { logStream, resultsStream } from '../../config/streams.ts'
import { loaded } from '../../config/testConfig.ts'
import { createAddresses, createAdmission } from '../../gateway/admission.ts'
import { createCalls } from '../../gateway/calls.ts'
import { createCarrierRoutes } from '../../gateway/carrierRoutes.ts'
import { configureTenants } from '../../gateway/configure.ts'
import { createIntake, type Intake } from '../../gateway/intake.ts'
import { createLocalGateway } from '../../gateway/localGateway.ts'
import { createMetrics } from '../../gateway/metrics.ts'
import { startNats } from '../../gateway/natsChild.ts'
import { createOwners } from '../../gateway/owners.ts'
import { createPseudonyms } from '../../gateway/pseudonyms.ts'
import { createSealer, type Sealer } from '../../gateway/seal.ts'
import { openSealingKeys } from '../../gateway/openSealingKeys.ts'
import { createSpareTime, type SpareTime } from '../../gateway/spareTime.ts'
import { createTenants, type Tenants } from '../../gateway/tenants.ts'
import { createApp, listen, socketRoute } from '../../gateway/uws.ts'
import { createVisitors } from '../../gateway/visitors.ts'
import { createWrapping, type Wrapping } from '../../gateway/wrapping.ts'
import { startWorker } from '../../workers/worker.ts'
import { configText, sides } from './tenant.ts'
import { createUnsealed, nobody } from './unsealed.ts'

/**
 * A whole Ringtrail in this process, put together from the product's parts, whose visitors and calls come in by two doors:
 * behind one events are sealed, behind the other they are not. All else, the lane to the log included, is shared.
 */
type Ends = (() => unknown)[]

async function run(ends: Ends): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringtrail-bench-two-'))
  ends.unshift(() => rmSync(dataDir, { recursive: true, force: true }))
  const logger = createLogger('error')
  const nats = await startNats({ storeDir: join(dataDir, 'nats'), durability: 'lazy', logger })
  ends.unshift(nats.stop)
  const link = await openLink(nats.link)
  ends.unshift(link.drain)
  await link.ensureStream(logStream(), { partitions: '1' })
  await link.ensureStream(resultsStream())
  const local = createLocalGateway()
  const config = loaded(configText)
  const worker = startWorker({
    ...{ link, linkOptions: nats.link, gateway: local, partitions: [0], partitionsInAll: 1, threads: 1 },
    ...{ dataDir, keyDir: join(dataDir, 'keys'), rootKey: randomBytes(32), audit: config.audit },
    ...{ logLevel: 'error', logger, keepMs: config.latenessMs, logBytesMax: config.nats.logBytes },
    returnsKeptMs: config.returnsKeptMs,
    backups: config.backups,
    streamsFolder: null,
  })
  ends.unshift(worker.stop)
  await worker.ready
  const tenants = createTenants(config)
  const owners = createOwners(link)
  const clock = () => performance.now()
  const wrapping = createWrapping({ link, owners, partitions: [0], dataDir, clock })
  ends.unshift(wrapping.stop)
  const spareTime = createSpareTime()
  const intake = createIntake({
    ...{ link, gateway: local.id, boot: randomBytes(8).toString('hex'), introduce: wrapping.introduce },
    answered: spareTime.begin,
    ...{ spool: { keep: async () => undefined, drop: () => undefined }, hasRoom: () => true, clock },
  })
  ends.unshift(intake.stop)
  local.hear(intake.replied)
  await configureTenants({ tenants, owners, intake })
  return openDoors(ends, { link, tenants, intake, wrapping, spareTime, clock })
}

type Shared = {
  readonly link: Link
  readonly tenants: Tenants
  readonly intake: Intake
  readonly wrapping: Wrapping
  readonly spareTime: SpareTime
  readonly clock: () => number
}

async function openDoors(ends: Ends, shared: Shared): Promise<number> {
  const { link, tenants, intake, wrapping, spareTime, clock } = shared
  const pseudonyms = createPseudonyms(Buffer.alloc(32, 7))
  const sealingKeys = openSealingKeys({ link, wrapping, tenants, spareTime, clock })
  ends.unshift(sealingKeys.stop)
  const sealers: Readonly<Record<(typeof sides)[number], Sealer>> = {
    sealed: createSealer(sealingKeys, pseudonyms),
    unsealed: createUnsealed(pseudonyms),
  }
  const metrics = createMetrics()
  const edge = {
    tenants,
    addresses: createAddresses([]),
    admission: createAdmission(),
    metrics,
    clock: Date.now,
  }
  const app = createApp(null)
  for (const side of sides) {
    const sealer = sealers[side]
    const visitors = createVisitors({ ...edge, intake, sealer, sealingKeys, rights: nobody })
    const calls = createCalls({ intake, pseudonyms, sealer, metrics, rights: nobody, clock: Date.now })
    ends.unshift(visitors.stop)
    socketRoute(app, `/v1/${side}`, visitors.route)
    socketRoute(app, `/v1/${side}/:tenant`, createCarrierRoutes({ ...edge, calls, publicUrl: null }).stream)
  }
  const listening = await listen(app, '127.0.0.1', 0)
  ends.unshift(() => {
    listening.close()
    app.close()
  })
  return listening.port
}

const ends: Ends = []
const leave = async (code: number) => {
  for (const end of ends.splice(0)) await end()
  process.exit(code)
}
process.on('message', () => void leave(0))
process.on('disconnect', () => void leave(1))
try {
  const port = await run(ends)
  process.send?.({ port })
} catch (error) {
  process.send?.({ failed: (error as Error).message })
  await leave(1)
}
