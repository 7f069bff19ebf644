import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Chance, createChance } from '../load/chance.ts'
import {
  benchTenant,
  gone,
  settingsOf,
  startKilled,
  startRefused,
  startSystem,
  type System,
  temporaryFolder,
} from '../system.ts'
import { crashOwner } from './crashOwner.ts'
import { foundCalls, foundEvents } from './found.ts'
import { judgeCalls, judgeEvents, judgeNumbers, judgeResults } from './judge.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { type Consumer, createConsumer, type Reading, read } from './results.ts'
import { settled } from './settled.ts'
import { createTraffic, type Tenant, type Traffic } from './traffic.ts'

/** Kills the running system at random moments and holds it to everything that it acknowledged. */
export type DrillSetup = {
  /** SIGKILL of the main process and its children. */
  readonly kills: number
  /** SIGKILL of the main process alone: its nats-server has to end with it. */
  readonly mainOnly: number
  /** Crashes of one worker thread: the process goes on. */
  readonly threads: number
  readonly visitors: number
  readonly seed: number
  readonly say: (line: string) => void
}
export type DrillReport = {
  readonly seed: number
  readonly kills: number
  readonly mainOnly: number
  readonly threads: number
  /** Starts that were killed before they were over, and kills of a system whose nats-server was frozen. */
  readonly killedStarts: number
  readonly frozen: number
  readonly visitors: number
  readonly events: { readonly acknowledged: number; readonly sentAgain: number }
  readonly calls: { readonly acknowledged: number; readonly deferred: number }
  readonly endedSessions: number
  /** Results in the stream, and those that stand in it more than once: a consumer has to recognise them. */
  readonly results: { readonly stored: number; readonly storedAgain: number }
  readonly longestStartMs: number
  readonly troubles: readonly string[]
}

const flowsForMsMin = 500
const flowsForMsMax = 2_500
const freezeShare = 0.3
const freezeMsMin = 250
const freezeMsMax = 600
const killedStartShare = 0.3
const killedStartMsMax = 1_000
const partitions = 4

/** Two data controllers in two partitions: one shares its numbers when they run out, the other shows its own. */
const tenants = [
  { id: 'bench', site: 'pk_bench', prefix: '+4570', overflow: 'share' },
  { id: 'second', site: 'pk_second', prefix: '+4571', overflow: 'fallback' },
] as const satisfies readonly (Tenant & { prefix: string; overflow: string })[]

/** Where visits are short, in the partition of the first: results of calls and of sessions mix. */
const passing = {
  id: 'other',
  site: 'pk_other',
  pool: { idleTimeout: '1s', tail: '1s', coolDown: '1s' },
} as const

type Drill = {
  readonly setup: DrillSetup
  readonly chance: Chance
  readonly ledger: Ledger
  readonly traffic: Traffic
  readonly consumer: Consumer
  readonly dataDir: string
  readonly settings: object
  readonly counts: { killedStarts: number; frozen: number; longestStartMs: number }
  system: System
  reading: Reading
}

/** Runs the drill on a data directory of its own and says what did not hold. */
export async function drill(setup: DrillSetup): Promise<DrillReport> {
  const folder = temporaryFolder()
  const dataDir = join(folder.path, 'data')
  const chance = createChance(setup.seed)
  const ledger = createLedger()
  const traffic = createTraffic(tenants, passing.site, setup.visitors, chance, ledger)
  const consumer = createConsumer()
  const settings = settingsFor(setup.visitors)
  const counts = { killedStarts: 0, frozen: 0, longestStartMs: 0 }
  const system = await startSystem({ dataDir, settings, inspect: true })
  const reading = await read(dataDir, consumer)
  const all: Drill = { setup, chance, ledger, traffic, consumer, dataDir, settings, counts, system, reading }
  try {
    return await act(all)
  } finally {
    traffic.leave()
    await all.system.killTree()
    folder.remove()
  }
}

const numbersOf = (visitors: number) => Math.ceil((visitors / tenants.length) * 0.75)

/** Times that outlive a restart, and numbers for three in four of each tenant's visitors. */
function settingsFor(visitors: number): object {
  const last = String(numbersOf(visitors)).padStart(6, '0')
  const times = { idleTimeout: '90s', tail: '10m', coolDown: '60s' }
  const tenantOf = ({ id, site, prefix, overflow }: (typeof tenants)[number]) =>
    benchTenant(id, site, { numbers: [`${prefix}000001..${prefix}${last}`], overflow, ...times })
  const numbers = ['+4572000001..+4572004000']
  const passers = benchTenant(passing.id, passing.site, { numbers, sticky: '0s', ...passing.pool })
  return settingsOf([...tenants.map(tenantOf), passers], { partitions })
}

type Blow = 'tree' | 'main' | 'thread'

async function act(running: Drill): Promise<DrillReport> {
  const { setup } = running
  const many = (blow: Blow, count: number) => Array.from({ length: count }, () => blow)
  const deaths = [...many('tree', setup.kills), ...many('main', setup.mainOnly)]
  const rounds = [...many('thread', setup.threads), ...deaths]
  const snapshotAt = rounds.length - 1 - Math.floor(deaths.length / 2)
  for (const [round, blow] of rounds.entries()) {
    running.traffic.flow(running.system, Math.ceil(setup.visitors / rounds.length))
    await pass(flowsForMsMin + running.chance.whole(flowsForMsMax - flowsForMsMin))
    if (blow === 'thread') await loseThread(running)
    else await die(running, blow, round === snapshotAt)
    say(running, `blow ${round + 1} of ${rounds.length} (${blow})`)
  }
  if (deaths.length > 0) await setBack(running)
  await startTwice(running)
  await examine(running)
  return reportOf(running)
}

/** One thread throws in the midst of the traffic; it is replaced, and everybody's socket stays. */
async function loseThread({ system, traffic, chance, ledger }: Drill): Promise<void> {
  if (!(await crashOwner(system, chance))) ledger.troubles.push('no thread died')
  const ready = async () => (await fetch(`http://127.0.0.1:${system.adminPort}/readyz`)).ok
  if (!(await settled(ready, is => is))) ledger.troubles.push('the thread was not replaced')
  await pass(flowsForMsMin)
  await traffic.pause()
}

/** A kill, and a new start on the same directory; everybody comes back. */
async function die(running: Drill, blow: 'tree' | 'main', snapshot: boolean): Promise<void> {
  const { traffic, chance } = running
  if (chance.happens(freezeShare)) await freeze(running)
  if (blow === 'tree') await running.system.killTree()
  else await killMain(running)
  await traffic.pause()
  await running.reading.leave()
  if (snapshot) cpSync(storesOf(running), `${storesOf(running)}.before`, { recursive: true })
  if (chance.happens(killedStartShare)) await killStart(running)
  await startAgain(running)
}

async function startAgain(running: Drill): Promise<void> {
  const { dataDir, settings, counts, ledger, traffic, consumer } = running
  const began = performance.now()
  running.system = await startSystem({ dataDir, settings, inspect: true })
  counts.longestStartMs = Math.max(counts.longestStartMs, Math.round(performance.now() - began))
  running.reading = await read(dataDir, consumer)
  await traffic.arrive(running.system)
  const lent = new Map(tenants.map(({ prefix }) => [prefix, numbersOf(running.setup.visitors)]))
  ledger.troubles.push(...judgeNumbers(ledger.held.values(), lent))
}

/** The nats-server stands still while the traffic goes on, so that calls are deferred and lie in the outbox. */
async function freeze({ system, chance, counts }: Drill): Promise<void> {
  for (const child of system.children()) process.kill(child, 'SIGSTOP')
  counts.frozen += 1
  await pass(freezeMsMin + chance.whole(freezeMsMax - freezeMsMin))
}

async function killStart({ dataDir, settings, chance, counts }: Drill): Promise<void> {
  counts.killedStarts += 1
  await startKilled({ dataDir, settings }, chance.whole(killedStartMsMax))
}

async function killMain({ system, ledger }: Drill): Promise<void> {
  const children = system.children()
  if (children.length === 0) ledger.troubles.push('there was no nats-server child')
  await system.killMain()
  await Promise.all(children.map(child => gone(child))).catch((error: Error) =>
    ledger.troubles.push(`outlived its parent: ${error.message}`),
  )
}

const storesOf = ({ dataDir }: Drill) => join(dataDir, 'partitions')

/**
 * The stores fall back to what they were many kills ago, as after a restored disk. The log is whole, so everything is
 * derived again, and a long stretch of results comes again: to a consumer none of them may count twice.
 */
async function setBack(running: Drill): Promise<void> {
  const { system, reading, traffic, ledger, consumer } = running
  traffic.flow(system, 0)
  await pass(flowsForMsMin)
  await system.killTree()
  await traffic.pause()
  await reading.leave()
  rmSync(storesOf(running), { recursive: true })
  cpSync(`${storesOf(running)}.before`, storesOf(running), { recursive: true })
  await startAgain(running)
  const repeated = await settled(
    () => consumer.consumed().storedAgain,
    count => count > 0,
  )
  if (repeated === 0) ledger.troubles.push('no result was repeated: nothing was shown about doubles')
  say(running, 'stores set back by some kills: their results came again')
}

/** A second start on the directory is refused with a sentence; the first goes on as if nothing had been. */
async function startTwice(running: Drill): Promise<void> {
  const { system, traffic, ledger, dataDir, settings } = running
  traffic.flow(system, 0)
  const { code, text } = await startRefused({ dataDir, settings })
  const sentence = `The data directory ${dataDir} is in use by process ${system.pid}. Stop it first`
  if (code !== 1 || !text.includes(sentence))
    ledger.troubles.push(`a second start ended with ${code}: ${text}`)
  const before = acknowledged(ledger)
  await pass(flowsForMsMin)
  await traffic.pause()
  if (acknowledged(ledger) === before) ledger.troubles.push('the first did not go on')
  say(running, `second start: refused with ${code}`)
}

const acknowledged = ({ events }: Ledger) => events.filter(event => event.acknowledgedAt !== null).length

/** At the end: calls and results of the running system, then a clean stop, then what lies in its stores. */
async function examine({ system, ledger, reading, consumer, dataDir }: Drill): Promise<void> {
  const found = await foundCalls(system, ledger)
  ledger.troubles.push(...judgeCalls(ledger, found))
  // Results are stored a moment after the answer: what is missing at first may still be on its way.
  const troubles = await settled(
    () => judgeResults(ledger, consumer.consumed(), found),
    these => these.length === 0,
  )
  ledger.troubles.push(...troubles)
  await reading.leave()
  const code = await system.stop()
  if (code !== 0) ledger.troubles.push(`a clean stop ended with ${code}`)
  const ids = tenants.map(({ id }) => id)
  ledger.troubles.push(...judgeEvents(ledger, await foundEvents(dataDir, partitions, ids)))
}

const pass = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

function say({ setup, ledger }: Drill, what: string): void {
  const events = acknowledged(ledger)
  const { held, calls, troubles } = ledger
  setup.say(
    `${what}; ${held.size} visitors, ${events} events, ${calls.size} calls acknowledged; ${troubles.length} troubles`,
  )
}

function reportOf({ setup, ledger, traffic, consumer, counts }: Drill): DrillReport {
  const { stored, storedAgain } = consumer.consumed()
  const deferred = [...ledger.calls.values()].reduce((sum, call) => sum + call.deferred, 0)
  const { seed, kills, mainOnly, threads } = setup
  return {
    seed,
    kills,
    mainOnly,
    threads,
    ...counts,
    visitors: ledger.held.size,
    events: { acknowledged: acknowledged(ledger), sentAgain: traffic.sentAgain() },
    calls: { acknowledged: ledger.calls.size, deferred },
    endedSessions: ledger.left.size,
    results: { stored, storedAgain },
    troubles: ledger.troubles,
  }
}
