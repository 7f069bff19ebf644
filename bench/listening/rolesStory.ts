import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Link, openLink } from '../../config/nats.ts'
import { until } from '../e2e/badInputsClient.ts'
import { openWire, type Wire } from '../e2e/wire.ts'
import { startSystem, type System } from '../system.ts'
import { everyRoute, makeKeys, oneTooMany, wrongKeys } from './adminTraffic.ts'
import { callWithCanaries, natsSignalsWithCanaries, proofsWithCanaries, streamWithCanaries } from './calls.ts'
import { breakGateways, breakTable, breakWorker } from './faults.ts'
import { junkWithCanaries, poisonWithCanaries } from './junk.ts'
import { fillKeys } from './manyKeys.ts'
import { listenToMonitors } from './monitors.ts'
import { type MonitoredNats, startMonitoredNats } from './natsWithMonitor.ts'
import { contractWithCanaries, rightsWithCanaries } from './rightsTraffic.ts'
import { listeningSettings } from './settings.ts'
import { beaconsWithCanaries, strangeVisits, type Traffic, visitWithCanaries } from './visits.ts'

/** Gateways and a worker as processes of their own, at a nats-server of the operator's. */
export type Roles = {
  readonly nats: MonitoredNats
  readonly link: Link
  /** Between the first gateway and the nats-server: it can be cut. */
  readonly wire: Wire
  readonly traffic: Traffic
  /** Starts a role in a place of its own, or again in one that it had. */
  start(role: 'gateway' | 'worker', name: string, more?: Place): Promise<System>
}
type Place = {
  readonly port?: number
  readonly pool?: object
  readonly server?: object
  readonly said?: string[]
}

export async function tellOfRoles(folder: string, traffic: Traffic): Promise<void> {
  const nats = await startMonitoredNats(join(folder, 'roles-nats'), traffic.ear)
  const wire = await openWire()
  const link = await openLink({ servers: nats.url, name: 'test' })
  const started = new Set<System>()
  const roles: Roles = { nats, link, wire, traffic, start: starter(folder, nats, started) }
  try {
    await tell(roles)
    for (const system of started) await system.stop()
  } finally {
    for (const system of started) await system.killTree()
    await link.close()
    await wire.stop()
    nats.stop()
    for (const system of started) traffic.ear.add('a role printed', system.output())
  }
}

function starter(folder: string, nats: MonitoredNats, started: Set<System>): Roles['start'] {
  const [pepperFile, rootKeyFile] = ['pepper', 'root-key'].map(name => join(folder, name)) as [string, string]
  for (const file of [pepperFile, rootKeyFile]) writeFileSync(file, randomBytes(32).toString('hex'))
  return async (role, name, { port = nats.port, pool = {}, server = {}, said = [] } = {}) => {
    const dataDir = join(folder, name)
    mkdirSync(dataDir, { recursive: true })
    const audit = { signEvery: '1s', anchorCommand: ['/bin/false'] }
    const keys = { pepperFile, rootKeyFile, audit, nats: { url: `nats://127.0.0.1:${port}` } }
    const settings = listeningSettings({ ...keys, ...server }, pool)
    const system = await startSystem({ dataDir, settings, command: [role], inspect: true, said })
    started.add(system)
    return system
  }
}

async function tell(roles: Roles): Promise<void> {
  const { nats, link, traffic } = roles
  const { first, second, worker } = await openAll(roles)
  const listen = async () => {
    for (const system of [first, second, worker]) await listenToMonitors(system, traffic.ear)
    await nats.listen()
  }
  await visitWithCanaries(first, traffic)
  await callWithCanaries(first, traffic, 'calm')
  const feed = new WebSocket(`ws://127.0.0.1:${first.adminPort}/v1/feed`)
  await new Promise(resolve => feed.addEventListener('open', resolve))
  await junkWithCanaries(link, await nats.gateways())
  await poisonWithCanaries(link)
  feed.close()
  await strangeVisits(second, traffic)
  await beaconsWithCanaries(second, traffic)
  await proofsWithCanaries(second, traffic, 'proofs')
  await streamWithCanaries(first, traffic, 10)
  await natsSignalsWithCanaries(link, traffic)
  await listen()
  const keys = await makeKeys(first)
  await everyRoute(first, traffic, keys)
  await wrongKeys(first, traffic, keys)
  await fillKeys(link, 'bench', 4)
  await oneTooMany(first, traffic, keys)
  await rightsWithCanaries(first, traffic, keys)
  await contractWithCanaries(second, traffic, keys)
  await listen()
  await breakWorker(roles, second, worker, keys)
  await listen()
  await breakTable(await breakGateways(roles, first, second), worker, traffic)
  await nats.listen()
}

/** One gateway waits for the nats-server and another for a worker, each for long enough to say so. */
async function openAll({ start, wire, nats }: Roles): Promise<Record<'first' | 'second' | 'worker', System>> {
  wire.to = 1
  const said: string[] = []
  const waiting = start('gateway', 'gateway-1', { port: Number(new URL(wire.origin).port), said })
  const second = await start('gateway', 'gateway-2')
  await until(
    async () => said.join(''),
    text => text.includes('nats_awaited'),
  )
  wire.to = nats.port
  const worker = await start('worker', 'worker-1')
  const first = await waiting
  for (const { adminPort } of [first, second, worker])
    await until(
      async () => (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status,
      status => status === 200,
    )
  return { first, second, worker }
}
