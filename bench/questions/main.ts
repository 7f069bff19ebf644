import { mkdtempSync, rmSync, mkdirSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { loaded } from '../../config/testConfig.ts'
import { readOptions } from '../commandLine.ts'
import { askAdmin, machineToken } from '../e2e/adminWorld.ts'
import { until } from '../e2e/badInputsClient.ts'
import { createChance } from '../load/chance.ts'
import { openCaller } from '../path/callers.ts'
import { bearer, origin, siteKey } from '../path/system.ts'
import { openVisitors } from '../path/visitors.ts'
import { benchTenant, settingsOf, startSystem } from '../system.ts'
import { fill } from './fill.ts'
import { measure } from './measure.ts'
import { reportText } from './reportText.ts'

/**
 * `npm run questions-bench`: two months of calls in the store, visitors and calls at work, and somebody who asks for reports and
 * pages all the time. It leaves nothing.
 */
const { values } = readOptions(
  'npm run questions-bench -- [--calls N] [--rounds N] [--seconds N] [--events N] [--json]',
  {
    options: {
      calls: { type: 'string', default: '200000' },
      rounds: { type: 'string', default: '6' },
      seconds: { type: 'string', default: '5' },
      events: { type: 'string', default: '2000' },
      json: { type: 'boolean', default: false },
    },
  },
)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const began = performance.now()
const say = (line: string) => {
  process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${line}\n`)
}

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-questions-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const dataDir = join(folder, 'data')
mkdirSync(dataDir)
const site = { key: siteKey, origins: [origin], bots: 'allow' }
const tenant = { ...benchTenant('bench', siteKey, {}), sites: [site], carriers: { generic: { bearer } } }
const settings = settingsOf([tenant], { partitions: 1 })
const calls = Number(values.calls)
await fill({ config: loaded(JSON.stringify({ ...settings, dataDir })), calls, days: 59, say })
const system = await startSystem({ dataDir, settings, withinMs: 5 * 60_000 })
const key = machineToken(system)
const visitors = await openVisitors(system.publicPort, 50)
const caller = await openCaller(system.publicPort, { bearer, calls: 'live', first: 20_000_001 })
const readyAt = performance.now()
await until(
  () => askAdmin(system, 'GET', '/v1/tenants/bench/report', { key }),
  ({ status }) => status === 200,
  5 * 60_000,
)
say(`all calls were read within ${((performance.now() - readyAt) / 1_000).toFixed(1)} s`)
const world = { pid: system.pid, adminPort: system.adminPort, key, caller, visitors }
const rates = {
  callsPerSecond: 100,
  eventsPerSecond: Number(values.events),
  seconds: Number(values.seconds),
}
const measured = await measure(world, rates, Number(values.rounds), createChance(20_260_102), say)
const load = loadavg()[0] ?? 0
caller.close()
visitors.close()
await system.stop()
process.stdout.write(
  values.json
    ? `${JSON.stringify({ calls, rates, load, ...measured })}\n`
    : reportText({ calls, load, ...measured }),
)
process.exit(0)
