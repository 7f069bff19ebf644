import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { type KindRow, tally } from './tally.ts'
import { runWorld, type WorldResult } from './world.ts'

/** Drives visitors and calls whose truth is known through the whole system and compares every answer with it. */
export type TruthSetup = {
  readonly visitors: number
  readonly calls: number
  readonly seed: number
  readonly pools: readonly ('large' | 'small')[]
}
export type TruthRun = {
  readonly name: string
  readonly visitors: number
  readonly calls: number
  readonly numbers: number
  readonly shown: WorldResult['shown']
  readonly rows: readonly KindRow[]
  readonly troubles: readonly string[]
}

/** Every run in turn; `troubles` names what was not right, or claimed more than it earned. */
export async function truth(setup: TruthSetup): Promise<TruthRun[]> {
  const runs: TruthRun[] = []
  if (setup.pools.includes('large')) runs.push(await large(setup))
  if (setup.pools.includes('small')) {
    runs.push(await small(setup, 'share'))
    runs.push(await small(setup, 'fallback'))
  }
  return runs
}

async function large(setup: TruthSetup): Promise<TruthRun> {
  const numbers = setup.visitors * 2
  const result = await runWorld({ ...setup, numbers, overflow: 'fallback', leaversCall: 0 })
  const rows = tally(result.judged)
  const inexact = result.judged.filter(one => one.match.kind !== 'exact' || one.match.visitor !== one.truth)
  const troubles = overclaimed(rows)
  if (inexact.length > 0) troubles.push(`${inexact.length} calls were not exact and right`)
  if (result.judged.length !== setup.calls) troubles.push(`${result.judged.length} calls were answered`)
  return { ...shape('large pool', numbers, result), rows, troubles }
}

/** A number for every fifth visitor: the others share, or see the page's own number. */
async function small(setup: TruthSetup, overflow: 'share' | 'fallback'): Promise<TruthRun> {
  const numbers = Math.max(1, Math.floor(setup.visitors / 5))
  const result = await runWorld({ ...setup, numbers, overflow, leaversCall: 0.2 })
  const rows = tally(result.judged)
  return { ...shape(`small pool, overflow ${overflow}`, numbers, result), rows, troubles: overclaimed(rows) }
}

function shape(name: string, numbers: number, { visitors, judged, shown }: WorldResult) {
  return { name, numbers, visitors, calls: judged.length, shown }
}

function overclaimed(rows: readonly KindRow[]): string[] {
  return rows
    .filter(row => row.overclaims)
    .map(row => `${row.kind} claimed ${row.claimed.toFixed(3)} and earned ${row.earned.toFixed(3)}`)
}

function tableOf({ rows }: TruthRun): string {
  const head = ['kind', 'calls', 'share', 'right', 'wrong', 'error rate', 'claimed', 'earned', 'at most', '']
  const table = new Table({ head, style: { head: [], border: [] } })
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  for (const row of rows) {
    const errors = percent(row.wrong / row.calls)
    const figures = [row.claimed, row.earned, row.earnedAtMost].map(share => share.toFixed(3))
    const verdict = row.overclaims ? 'claims too much' : 'honest'
    table.push([row.kind, row.calls, percent(row.share), row.right, row.wrong, errors, ...figures, verdict])
  }
  return table.toString()
}

function print(run: TruthRun): void {
  const shown = Object.entries(run.shown).map(([kind, count]) => `${kind} ${count}`)
  const lines = [
    `${run.name}: ${run.numbers} numbers, ${run.visitors} visitors, ${run.calls} calls; shown: ${shown.join(', ')}`,
    tableOf(run),
    ...run.troubles.map(trouble => `NOT GOOD: ${trouble}`),
    '',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      visitors: { type: 'string' },
      calls: { type: 'string' },
      seed: { type: 'string', default: '1' },
      pool: { type: 'string' },
      short: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const { pool, short, json } = values
  const visitors = Number(values.visitors ?? (short ? 200 : 2_000))
  const calls = Number(values.calls ?? (short ? 50 : 500))
  const pools = pool === 'large' || pool === 'small' ? ([pool] as const) : (['large', 'small'] as const)
  const runs = await truth({ visitors, calls, seed: Number(values.seed), pools })
  if (json) process.stdout.write(`${JSON.stringify(runs, null, 2)}\n`)
  else for (const one of runs) print(one)
  process.exitCode = runs.some(one => one.troubles.length > 0) ? 1 : 0
}

if (import.meta.main) await run()
