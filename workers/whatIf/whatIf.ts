import { limits } from '../../core/limits.ts'
import type { PoolPolicy, TenantPolicy } from '../../core/policy.ts'
import { chart } from './chart.ts'
import { putFiles } from './files.ts'
import { type Places, readStore } from './openStores.ts'
import { createProgress, type Progress, type Screen } from './progress.ts'
import { readRecord } from './readRecord.ts'
import { CannotAsk, type Recorded } from './record.ts'
import { replay as replayed } from './replay.ts'
import { replayCsv, replayLines, replayText } from './replayReport.ts'
import { type Combination, simulate as simulated } from './simulate.ts'
import { type Price, simulateCsv, simulateJson, simulateText } from './simulateReport.ts'

/** `ringtrail simulate` and `ringtrail replay`, given what was asked for: they read stores, and write nothing but the files of `out`. */

export type AskedOf = {
  readonly places: Places
  readonly tenant: string
  readonly fromMs: number | null
  readonly toMs: number | null
  /** A folder for files; null: none are wanted. */
  readonly out: string | null
}
export type SimulateAsked = AskedOf & {
  /** null: every one. */
  readonly pool: string | null
  /** Empty: around what is in force. */
  readonly sizes: readonly number[]
  readonly tailsMs: readonly number[]
  readonly coolDownsMs: readonly number[]
  readonly price: Price
}
export type ReplayAsked = AskedOf & { readonly policy: TenantPolicy; readonly version: string }
export type Screens = { readonly out: Screen; readonly progress: Screen }

export async function simulate(asked: SimulateAsked, { out, progress: screen }: Screens): Promise<void> {
  const progress = createProgress(screen)
  const recorded = await read(asked, progress, leadOfSimulation)
  const combinations = combinationsOf(recorded.policy, asked)
  const simulation = await simulated(recorded, combinations, progress)
  progress.end()
  out.write(simulateText(recorded, simulation, asked.price))
  const pools = [...new Set(combinations.map(({ pool }) => pool))]
  const pictures = pools.map(pool => [
    pools.length === 1 ? 'simulate.svg' : `simulate-${pool}.svg`,
    chart(pool, simulation.rows),
  ])
  sayFiles(out, asked.out, {
    'simulate.json': simulateJson(recorded, simulation, asked.price),
    'simulate.csv': simulateCsv(simulation, asked.price),
    ...Object.fromEntries(pictures),
  })
}

export async function replay(asked: ReplayAsked, { out, progress: screen }: Screens): Promise<void> {
  const progress = createProgress(screen)
  const { policy, version } = asked
  const leadMs = (inForce: TenantPolicy) => Math.max(leadOfReplay(inForce), leadOfReplay(policy))
  const recorded = await read(asked, progress, leadMs)
  const result = await replayed(recorded, { policy, version }, progress)
  progress.end()
  out.write(replayText(recorded, result))
  sayFiles(out, asked.out, { 'replay.ndjson': replayLines(result), 'replay.csv': replayCsv(result) })
}

async function read(
  { places, tenant, fromMs, toMs }: AskedOf,
  progress: Progress,
  leadMs: (policy: TenantPolicy) => number,
): Promise<Recorded> {
  progress.begin('reading what is on record')
  try {
    return await readStore(places, tenant, store =>
      readRecord(store, { tenant, fromMs, toMs, leadMs }, progress),
    )
  } finally {
    progress.end()
  }
}

/** How far back something reaches that decides which number a visit is shown. */
function leadOfSimulation({ pools }: TenantPolicy): number {
  return Math.max(
    0,
    ...pools.map(({ idleTimeoutMs, tailMs, coolDownMs, stickyMs }) =>
      Math.max(stickyMs, idleTimeoutMs + tailMs + coolDownMs),
    ),
  )
}

/** The same, and which callers are known. */
function leadOfReplay(policy: TenantPolicy): number {
  return Math.max(leadOfSimulation(policy), policy.calls.returningLookBackMs)
}

function combinationsOf({ tenant, pools }: TenantPolicy, asked: SimulateAsked): Combination[] {
  const wanted = pools.filter(({ id }) => asked.pool === null || id === asked.pool)
  if (wanted.length === 0) throw new CannotAsk(sayNoPool(tenant, pools, asked.pool))
  const combinations = wanted.flatMap(pool => combinationsOfPool(pool, asked))
  if (combinations.length > limits.whatIfCombinationsMax)
    throw new CannotAsk(
      `These are ${combinations.length} combinations; ${limits.whatIfCombinationsMax} are taken on at a time.`,
    )
  return combinations
}

function sayNoPool(tenant: string, pools: readonly PoolPolicy[], pool: string | null): string {
  if (pools.length === 0 || pool === null) return `Tenant ${tenant} has no pool.`
  return `Tenant ${tenant} has no pool ${pool}; it has ${pools.map(({ id }) => id).join(', ')}.`
}

function combinationsOfPool(pool: PoolPolicy, { sizes, tailsMs, coolDownsMs }: SimulateAsked): Combination[] {
  const { length } = pool.numbers
  const around = [...new Set([Math.ceil(length / 2), length, length * 2])]
  const some = <Value>(given: readonly Value[], own: readonly Value[]) => (given.length > 0 ? given : own)
  return some(tailsMs, [pool.tailMs]).flatMap(tailMs =>
    some(coolDownsMs, [pool.coolDownMs]).flatMap(coolDownMs =>
      some(sizes, around).map(size => ({ pool: pool.id, size, tailMs, coolDownMs })),
    ),
  )
}

function sayFiles(out: Screen, folder: string | null, files: Readonly<Record<string, string>>): void {
  if (folder === null) return
  out.write(`${putFiles(folder, files).join('\n')}\n`)
}
