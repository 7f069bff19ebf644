import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLogger } from '../../config/logger.ts'
import { type Link, openLink } from '../../config/nats.ts'
import { logStream, resultsStream } from '../../config/streams.ts'
import { loaded } from '../../config/testConfig.ts'
import { startNats } from '../../gateway/natsChild.ts'
import { createTenants, type Site } from '../../gateway/tenants.ts'
import { askAdmin, makeKey } from '../e2e/adminWorld.ts'
import { benchSettings, siteKey, startSystem, type System, temporaryFolder } from '../system.ts'
import { type Owner, startOwner } from './ownerProcess.ts'

/** A nats-server, one owner with the only partition, and the product's gateway: three processes, as roles run. */
export type Whole = {
  readonly link: Link
  readonly owner: Owner
  readonly gateway: System
  readonly site: Site
  readonly folder: string
  /** Erases people by the admin API; resolves to the request's id when it is answered. */
  erase(visitors: readonly string[]): Promise<string>
  stop(): Promise<void>
}

/** Numbers outlive the run, so that nothing ends while it is measured. */
const longTimes = { idleTimeout: '12h', tail: '12h', coolDown: '12h', sticky: '0s', overflow: 'fallback' }

export async function startWhole(numbers: number): Promise<Whole> {
  const folder = temporaryFolder()
  const ends: (() => unknown)[] = [folder.remove]
  const stop = async () => {
    for (const end of ends.splice(0)) await end()
  }
  try {
    const storeDir = join(folder.path, 'nats')
    const nats = await startNats({ storeDir, durability: 'lazy', logger: createLogger('silent') })
    ends.unshift(nats.stop)
    const link = await openLink(nats.link)
    ends.unshift(link.close)
    await link.ensureStream(logStream(), { partitions: '1' })
    await link.ensureStream(resultsStream())
    const [dataDir, keyDir] = [join(folder.path, 'owner'), join(folder.path, 'owner', 'keys')]
    const owner = await startOwner({
      link: nats.link,
      dataDir,
      keyDir,
      rootKey: randomBytes(32).toString('hex'),
    })
    ends.unshift(owner.stop)
    const settings = settingsFor(folder.path, natsUrl(nats.link), numbers)
    const gatewayDir = join(folder.path, 'gateway')
    mkdirSync(gatewayDir, { recursive: true })
    const gateway = await startSystem({ dataDir: gatewayDir, settings, command: ['gateway'] })
    ends.unshift(gateway.stop)
    const officer = await makeKey(gateway, 'bench', 'privacy-officer')
    const site = createTenants(loaded(JSON.stringify(settings))).site(siteKey) as Site
    const erase = (visitors: readonly string[]) => eraseBy(gateway, officer.key, visitors)
    return { link, owner, gateway, site, folder: folder.path, erase, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type NatsLink = { readonly servers?: unknown; readonly user?: string; readonly password?: string }
const natsUrl = ({ servers, user, password }: NatsLink) =>
  `nats://${user}:${password}@${new URL(String(servers)).host}`

function settingsFor(folder: string, url: string, numbers: number): object {
  const pepperFile = join(folder, 'pepper')
  writeFileSync(pepperFile, randomBytes(32).toString('hex'))
  const last = `+457${String(numbers).padStart(7, '0')}`
  const pool = { numbers: [`+4570000001..${last}`], ...longTimes }
  return benchSettings(pool, { partitions: 1, nats: { url }, pepperFile })
}

async function eraseBy(gateway: System, key: string, visitors: readonly string[]): Promise<string> {
  const body = { subjects: visitors.map(visitor => `v:${visitor}`), purpose: 'bench' }
  const answer = await askAdmin(gateway, 'POST', '/v1/tenants/bench/subjects/erase', { key, body })
  if (answer.status !== 200) throw new Error(`not erased: ${answer.text}`)
  return (JSON.parse(answer.text) as { request: string }).request
}
