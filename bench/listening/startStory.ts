import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openEnvironment, transact } from '../../config/lmdb.ts'
import { openLink } from '../../config/nats.ts'
import { pack } from '../../config/pack.ts'
import { limits } from '../../core/limits.ts'
import { limitFiles, metric, until } from '../e2e/badInputsClient.ts'
import { startRefused, startSystem, type System } from '../system.ts'
import { applyFile } from './adminTraffic.ts'
import { callWithCanaries, streamWithCanaries } from './calls.ts'
import { canaries } from './canaries.ts'
import type { Said } from './ear.ts'
import { poisonCount, poisonWithCanaries } from './junk.ts'
import { listenToMonitors } from './monitors.ts'
import { type MonitoredNats, startMonitoredNats } from './natsWithMonitor.ts'
import { listeningSettings } from './settings.ts'
import { type Traffic, visitWithCanaries } from './visits.ts'

/** `ringtrail start`, and what can happen to its log, its disk and itself. */
export async function tellOfStart(folder: string, traffic: Traffic): Promise<void> {
  const nats = await startMonitoredNats(join(folder, 'start-nats'), traffic.ear)
  const setup = { dataDir: join(folder, 'start'), settings: listeningSettings({ nats: { url: nats.url } }) }
  let system = await startSystem(setup)
  try {
    await untilKilled(system, nats, traffic)
    traffic.ear.add('start printed', system.output())
    system = await startSystem(setup)
    await visitWithCanaries(system, traffic)
    await callWithCanaries(system, traffic, 'again')
    await streamWithCanaries(system, traffic, 10)
    await applyWithCanaries(system, `${setup.dataDir}.yaml`, traffic)
    await listenToMonitors(system, traffic.ear)
    await system.stop()
    traffic.ear.add('start printed', system.output())
    await listenToCommands(setup.dataDir, traffic)
    await damageStore(setup.dataDir)
    const refused = await startRefused(setup)
    traffic.ear.add('a start on a damaged store', refused.text)
  } finally {
    await system.killTree()
    nats.stop()
  }
}

/** Another file than its own, and its own while a mistake in it quotes a caller. */
async function applyWithCanaries(system: System, file: string, traffic: Traffic): Promise<void> {
  const apply = (path: string) => applyFile(system, traffic, path)
  await apply(canaries.path)
  const before = readFileSync(file)
  writeFileSync(file, JSON.stringify({ partitions: canaries.phone, [canaries.email]: canaries.name }))
  await apply(file)
  writeFileSync(file, before)
  await untilTooMany(() => apply(file))
}

/** At once, and more of them than may wait: the first are answered meanwhile, so it may take another time. */
async function untilTooMany(apply: () => Promise<Said>): Promise<void> {
  const many = () => Promise.all(Array.from({ length: 3 * limits.appliesUnderWayMax }, apply))
  await until(many, said => said.some(({ text }) => text.includes('too-many-applies')))
}

/** A row that is followed by what does not belong to it: whoever reads it is told so by msgpackr, which quotes the row. */
async function damageStore(dataDir: string): Promise<void> {
  const store = openEnvironment<(string | number)[]>(join(dataDir, 'partitions/000'))
  const [row] = [...store.getRange({ start: ['state'], end: ['statf'], limit: 1 })]
  if (row === undefined) throw new Error('the store has no row')
  await transact(store, changes => changes.put(row.key, Buffer.concat([pack(canaries), row.value])))
  await store.close()
}

async function untilKilled(system: System, nats: MonitoredNats, traffic: Traffic): Promise<void> {
  const listen = async () => {
    await listenToMonitors(system, traffic.ear)
    await nats.listen()
  }
  await visitWithCanaries(system, traffic)
  await callWithCanaries(system, traffic, 'calm')
  const link = await openLink({ servers: nats.url, name: 'test' })
  await poisonWithCanaries(link)
  await link.close()
  await until(
    () => metric(system, 'ringtrail_set_aside_total'),
    count => count === poisonCount,
  )
  await listen()
  // No room on the disk: stores and outbox fail, each in its own way.
  limitFiles(system.pid, 8_192)
  await callWithCanaries(system, traffic, 'full')
  limitFiles(system.pid, null)
  await listen()
  nats.signal('SIGKILL')
  await callWithCanaries(system, traffic, 'dark')
  await nats.restart()
  await visitWithCanaries(system, traffic)
  await listen()
  await system.killTree()
}

const repository = join(import.meta.dirname, '../..')

async function listenToCommands(dataDir: string, { ear }: Traffic): Promise<void> {
  const config = ['--config', `${dataDir}.yaml`]
  const key = join(dataDir, canaries.click)
  const commands = [
    ...['check', 'egress', 'record', 'snippet'].map(command => [command, ...config]),
    ['subjects', 'find', '--tenant', 'bench', '--phone-file', '-', ...config, '--key-file', key],
    ['subjects', 'find', '--tenant', 'bench', '--phone-file', '-', ...config],
    ['calls', '--follow', ...config],
  ]
  for (const command of commands) {
    const said = (await run(command)).replaceAll(key, '(key file)')
    ear.add(`ringtrail ${command.slice(0, 2).join(' ')}`, said)
  }
}

function run(command: readonly string[]): Promise<string> {
  const env = { ...process.env, RINGTRAIL_CANARY: canaries.phone }
  const child = spawn(process.execPath, ['gateway/main.ts', ...command], { cwd: repository, env })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      said += String(chunk)
    })
  child.stdin.end(canaries.phone)
  return new Promise(resolve => child.once('close', () => resolve(said)))
}
