import { parseArgs } from 'node:util'
import { type Chance, createChance } from '../load/chance.ts'
import { benchSettings, gone, startRefused, startSystem, type System, temporaryFolder } from '../system.ts'
import { checkCalls, checkReturn } from './checks.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { createTraffic, type Traffic } from './traffic.ts'

/** Kills the running system at random moments and holds it to everything that it acknowledged. */
export type DrillSetup = {
  /** SIGKILL of the main process and its children. */
  readonly kills: number
  /** SIGKILL of the main process alone: its nats-server has to end with it. */
  readonly mainOnly: number
  readonly visitors: number
  readonly seed: number
  readonly say: (line: string) => void
}
export type DrillReport = {
  readonly kills: number
  readonly mainOnly: number
  readonly visitors: number
  readonly acknowledgedViews: number
  readonly acknowledgedCalls: number
  readonly results: { readonly stored: number; readonly repeated: number }
  readonly troubles: readonly string[]
}

const flowsForMsMin = 500
const flowsForMsMax = 2_500

type Drill = {
  readonly setup: DrillSetup
  readonly chance: Chance
  readonly ledger: Ledger
  readonly traffic: Traffic
  readonly dataDir: string
  system: System
}

/** Runs the drill on a data directory of its own and says what did not hold. */
export async function drill(setup: DrillSetup): Promise<DrillReport> {
  const folder = temporaryFolder()
  const dataDir = `${folder.path}/data`
  const chance = createChance(setup.seed)
  const ledger = createLedger()
  const traffic = createTraffic(setup.visitors, chance, ledger)
  const system = await startSystem({ dataDir, settings: settingsFor(setup.visitors) })
  const running: Drill = { setup, chance, ledger, traffic, dataDir, system }
  try {
    return await act(running)
  } finally {
    traffic.leave()
    await running.system.killTree()
    folder.remove()
  }
}

/** Times that outlive a restart, and numbers for three in four: the others share, and are told so. */
function settingsFor(visitors: number): object {
  const last = `+457${String(Math.ceil(visitors * 0.75)).padStart(7, '0')}`
  const times = { idleTimeout: '90s', tail: '10m', coolDown: '60s' }
  return benchSettings({ numbers: [`+4570000001..${last}`], ...times })
}

async function act(running: Drill): Promise<DrillReport> {
  const { setup, traffic, ledger } = running
  await traffic.arrive(running.system)
  for (let round = 1; round <= setup.kills; round++) await strike(running, 'tree', round)
  for (let round = 1; round <= setup.mainOnly; round++) await strike(running, 'main', round)
  await startTwice(running)
  const results = await checkCalls(running.system, ledger)
  const code = await running.system.stop()
  if (code !== 0) ledger.troubles.push(`a clean stop ended with ${code}`)
  return {
    kills: setup.kills,
    mainOnly: setup.mainOnly,
    visitors: setup.visitors,
    acknowledgedViews: ledger.acknowledgedViews,
    acknowledgedCalls: ledger.calls.size,
    results: { stored: results.stored, repeated: results.repeated },
    troubles: ledger.troubles,
  }
}

/** Traffic, a kill in its midst, a new start on the same directory, and what has to hold then. */
async function strike(running: Drill, what: 'tree' | 'main', round: number): Promise<void> {
  const { traffic, ledger, chance, setup } = running
  traffic.flow(running.system)
  await new Promise(resolve =>
    setTimeout(resolve, flowsForMsMin + chance.whole(flowsForMsMax - flowsForMsMin)),
  )
  const children = running.system.children()
  if (what === 'tree') await running.system.killTree()
  else await killMain(running, children)
  await traffic.pause()
  const began = performance.now()
  running.system = await startSystem({ dataDir: running.dataDir, settings: settingsFor(setup.visitors) })
  const tookMs = Math.round(performance.now() - began)
  await checkReturn(running.system, traffic, ledger)
  const said = `${ledger.acknowledgedViews} views and ${ledger.calls.size} calls acknowledged`
  setup.say(`kill ${what} ${round}: up again after ${tookMs} ms; ${said}; ${ledger.troubles.length} troubles`)
}

async function killMain({ system, ledger }: Drill, children: readonly number[]): Promise<void> {
  if (children.length === 0) ledger.troubles.push('there was no nats-server child')
  await system.killMain()
  await Promise.all(children.map(child => gone(child))).catch((error: Error) =>
    ledger.troubles.push(`outlived its parent: ${error.message}`),
  )
}

/** A second start on the directory is refused with a sentence; the first goes on as if nothing had been. */
async function startTwice({ system, traffic, ledger, dataDir, setup }: Drill): Promise<void> {
  traffic.flow(system)
  const { code, text } = await startRefused({ dataDir, settings: settingsFor(setup.visitors) })
  const sentence = `The data directory ${dataDir} is in use by process ${system.pid}. Stop it first`
  if (code !== 1 || !text.includes(sentence))
    ledger.troubles.push(`a second start ended with ${code}: ${text}`)
  const before = ledger.acknowledgedViews
  await new Promise(resolve => setTimeout(resolve, flowsForMsMin))
  await traffic.pause()
  if (ledger.acknowledgedViews === before) ledger.troubles.push('the first did not go on')
  setup.say(`second start: refused with ${code}; ${ledger.troubles.length} troubles`)
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: process.env.RINGTRAIL_KILLS ?? '10' },
      'main-only': { type: 'string', default: '3' },
      visitors: { type: 'string', default: '120' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  })
  const { json, kills, visitors, seed } = values
  const report = await drill({
    kills: Number(kills),
    mainOnly: Number(values['main-only']),
    visitors: Number(visitors),
    seed: Number(seed),
    say: line => void (json || process.stdout.write(`${line}\n`)),
  })
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  process.exitCode = report.troubles.length > 0 ? 1 : 0
}

if (import.meta.main) await run()
