import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadRootKey } from '../../config/rootKey.ts'
import { loaded } from '../../config/testConfig.ts'
import type { Config } from '../../config/types.ts'
import { createTenants, type Tenant } from '../../gateway/tenants.ts'
import { createChance } from '../load/chance.ts'
import { openCaller } from '../path/callers.ts'
import { bearer, benchTenant, origin, settingsOf, startSystem, type System } from '../system.ts'
import type { Ringing } from '../erasure/windows.ts'
import { helloText, openSocket, type Socket } from '../e2e/badInputsClient.ts'
import { siteOf } from './events.ts'
import { fill, type FillSetup } from './fill.ts'
import { passMessages } from './log.ts'
import { messagesOf, type Seed, seededTenants, type SeededTenant } from './seeded.ts'

/** A data directory whose one partition holds millions of events, and the system that is started on it. */
export type Ground = {
  readonly dataDir: string
  readonly settings: object
  readonly config: Config
  readonly rootKey: Buffer
}

const long = { idleTimeout: '12h', tail: '12h', coolDown: '12h', sticky: '0s', overflow: 'fallback' }
const poolsOf: Readonly<Record<SeededTenant, string>> = {
  acme: '+4570000001..+4570000100',
  other: '+4571000001..+4571000100',
  third: '+4572000001..+4572000100',
}

export function makeGround(folder: string): Ground {
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir, { recursive: true })
  const tenants = seededTenants.map(id => benchTenant(id, siteOf(id), { ...long, numbers: [poolsOf[id]] }))
  const settings = settingsOf(tenants, { partitions: 1 })
  const config = loaded(JSON.stringify({ ...settings, dataDir }))
  return { dataDir, settings, config, rootKey: loadRootKey(config) }
}

export async function fillGround(ground: Ground, seed: Seed, say: (line: string) => void): Promise<void> {
  const { dataDir, config, rootKey } = ground
  const sites = createTenants(config)
  const tenants = seededTenants.map(id => sites.site(siteOf(id))?.tenant as Tenant)
  const policies = Object.fromEntries(tenants.map(({ id, policy }) => [id, policy])) as FillSetup['policies']
  await fill({ seed, dataDir, keyDir: config.keyDir, rootKey, policies, say })
  await passMessages(config, messagesOf(seed), tenants)
}

/** The system at work for tenant `other`: visitors who stay, and whoever rings their numbers. */
export type World = {
  readonly system: System
  readonly ringing: Ringing
  stop(): Promise<void>
}

const startWithinMs = 2 * 60_000
const visitors = 50
const callsPerSecond = 50

export async function startWorld({ dataDir, settings }: Ground): Promise<World> {
  const system = await startSystem({ dataDir, settings, withinMs: startWithinMs })
  const sockets: Socket[] = []
  const numbers: string[] = []
  for (let number = 0; number < visitors; number++) {
    const socket = await openSocket(system, origin, siteOf('other'))
    const welcome = await socket.ask(helloText({ visitor: `L${String(number).padStart(21, '0')}` }))
    numbers.push(...(welcome.numbers ?? []).map(({ e164 }) => e164))
    sockets.push(socket)
  }
  const path = '/v1/calls/other'
  const caller = await openCaller(system.publicPort, { bearer, calls: 'live', first: 30_000_000, path })
  const ringing = { caller, numbers, perSecond: callsPerSecond, chance: createChance(20_260_102) }
  const stop = async () => {
    caller.close()
    await Promise.all(sockets.map(socket => socket.close()))
    await system.stop()
  }
  return { system, ringing, stop }
}
