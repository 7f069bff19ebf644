import { model, runPassing } from './passing.ts'
import { type Judged, type KindRow, tally } from './tally.ts'
import { runWorld, type WorldResult } from './world.ts'

/** Drives visitors and calls whose truth is known through the whole system and compares every answer with it. */
export type TruthSetup = {
  readonly visitors: number
  readonly calls: number
  readonly seed: number
  readonly runs: readonly RunName[]
}
export const runNames = ['large', 'small', 'passing'] as const
export type RunName = (typeof runNames)[number]
export type TruthRun = {
  readonly name: string
  /** How those who come and call behave. */
  readonly model: readonly string[]
  readonly visitors: number
  readonly calls: number
  /** Of these, so many were answered only as deferred, and are judged by what was concluded. */
  readonly deferred: number
  readonly numbers: number
  readonly shown: WorldResult['shown']
  readonly rows: readonly KindRow[]
  readonly troubles: readonly string[]
}

/** Every run in turn; `troubles` names what was not right, or claimed more than it earned. */
export async function truth(setup: TruthSetup): Promise<TruthRun[]> {
  const runs: TruthRun[] = []
  if (setup.runs.includes('large')) runs.push(await large(setup))
  if (setup.runs.includes('small')) {
    runs.push(await small(setup, 'share'))
    runs.push(await small(setup, 'fallback'))
  }
  if (setup.runs.includes('passing')) runs.push(await passing(setup))
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

/**
 * Short times and numbers that go round: every kind that depends on time has to occur. What is claimed here is shown and held against
 * nothing: hours are seconds in it, and what speaks for somebody is known of hours (docs/accuracy.md).
 */
async function passing(setup: TruthSetup): Promise<TruthRun> {
  const { judged, numbers, shown } = await runPassing(setup)
  const rows = tally(judged)
  const troubles: string[] = []
  for (const kind of ['exact', 'tail', 'cooldown', 'returning'])
    if (!rows.some(row => row.kind === kind)) troubles.push(`no call was ${kind}`)
  if (judged.length !== setup.calls) troubles.push(`${judged.length} calls were answered`)
  const { visitors } = setup
  const deferred = countDeferred(judged)
  const calls = judged.length
  return { name: 'passing visitors', model, visitors, numbers, calls, deferred, shown, rows, troubles }
}

const staying = [
  'Everybody is there for the whole run but one in ten, who left moments ago. Callers call the number that they see.',
]

function shape(name: string, numbers: number, { visitors, judged, shown }: WorldResult) {
  const deferred = countDeferred(judged)
  return { name, model: staying, numbers, visitors, calls: judged.length, deferred, shown }
}

const countDeferred = (judged: readonly Judged[]) => judged.filter(one => one.deferred).length

function overclaimed(rows: readonly KindRow[]): string[] {
  return rows
    .filter(row => row.overclaims)
    .map(row => `${row.kind} claimed ${row.claimed.toFixed(3)} and earned ${row.earned.toFixed(3)}`)
}
