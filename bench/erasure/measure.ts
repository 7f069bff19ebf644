import { createChance } from '../load/chance.ts'
import { inTurns } from '../load/world.ts'
import { type Figures, figuresOf, median } from '../path/figures.ts'
import { openCaller } from '../path/callers.ts'
import { loadOfMachine } from '../path/processor.ts'
import { bearer } from '../system.ts'
import type { Erasure } from '../../workers/erasures.ts'
import { type Digest, differences } from './digest.ts'
import { fill, sessionOf, visitorOf } from './fill.ts'
import type { Reached, Stands } from './owner.ts'
import { startWhole, type Whole } from './system.ts'
import { type Ringing, ringWhile, type Window } from './windows.ts'

export type ErasureCounts = {
  readonly sessions: number
  readonly numbers: number
  /** Calls made before, whose decisions have to stay. */
  readonly decisions: number
  readonly rounds: number
  /** Windows of the rounds while the store is compacted. */
  readonly compactedRounds: number
  readonly seconds: number
  readonly callsPerSecond: number
  /** How many people go at once, where it is more than one. */
  readonly many: number
  /** Whether to wait until the intake keys are destroyed as well: half a minute. */
  readonly untilIntakeGone: boolean
  /** Whether there are windows enough to hold the ratio of one person against its target. */
  readonly judges: boolean
}

export const kinds = ['calm', 'one', 'many', 'compacting', 'compacting, one'] as const
export type Kind = (typeof kinds)[number]
/** How long after the entry each state was reached, in milliseconds; `answered`: after it was asked for. */
export type States = {
  readonly [State in 'answered' | 'rowsGone' | 'keysGone' | 'intakeGone']: number | null
}
export type ErasureReport = {
  readonly counts: ErasureCounts
  readonly busy: { readonly before: number; readonly after: number }
  readonly filledSeconds: number
  readonly stands: Stands
  /** Medians over the windows; p99.9 and max of all samples together. */
  readonly windows: Readonly<Partial<Record<Kind, Figures & { readonly windows: number }>>>
  readonly ratios: Readonly<Record<string, number>>
  readonly states: { readonly one: States; readonly many: States }
  readonly compaction: { readonly runs: number; readonly rows: number; readonly pausedMs: number }
  readonly erased: number
  readonly before: Digest
  readonly after: Digest
  readonly answers: Readonly<Record<string, number>>
  readonly troubles: readonly string[]
}

type Run = {
  readonly whole: Whole
  readonly counts: ErasureCounts
  readonly ringing: Ringing
  readonly victims: number[]
  readonly windows: Record<Kind, Window[]>
  readonly requests: { readonly id: string; readonly many: boolean; readonly answeredMs: number }[]
  readonly compactions: { readonly rows: number; readonly pausedMs: number }[]
}

/** Fills a system, then erases people while calls ring, and looks at what it did to the calls and to everybody else. */
export async function measureErasure(
  counts: ErasureCounts,
  say: (line: string) => void,
): Promise<ErasureReport> {
  const before = loadOfMachine()
  const whole = await startWhole(counts.numbers)
  try {
    const began = performance.now()
    await fill({ ...whole, dataDir: whole.folder, sessions: counts.sessions, say })
    const filledSeconds = (performance.now() - began) / 1_000
    const stands = await whole.owner.ask({ kind: 'stands' })
    say(`filled in ${filledSeconds.toFixed(0)} s`)
    const report = await measureFilled(whole, counts, say)
    return { ...report, counts, filledSeconds, stands, busy: { before, after: loadOfMachine() } }
  } finally {
    await whole.stop()
  }
}

type Measured = Omit<ErasureReport, 'counts' | 'filledSeconds' | 'stands' | 'busy'>

async function measureFilled(
  whole: Whole,
  counts: ErasureCounts,
  say: (line: string) => void,
): Promise<Measured> {
  const chance = createChance(20_260_102)
  const victims = victimsOf(counts)
  const erased = victims.flatMap(index => [visitorOf(index), sessionOf(index)])
  const numbers = await whole.owner.ask({ kind: 'numbers', except: victims.map(visitorOf) })
  await decide(whole, counts, await whole.owner.ask({ kind: 'numbers', except: [] }))
  const caller = await openCaller(whole.gateway.publicPort, { bearer, calls: passing, first: 30_000_000 })
  const ringing = { caller, numbers, perSecond: counts.callsPerSecond, chance }
  const windows = { calm: [], one: [], many: [], compacting: [], 'compacting, one': [] }
  const run: Run = { whole, counts, ringing, victims: [...victims], windows, requests: [], compactions: [] }
  const what = { tenant: 'bench', erased, passing, untilMs: Date.now() }
  await ringWhile(ringing, counts.seconds, async () => undefined)
  await settled(whole)
  const before = await whole.owner.ask({ kind: 'digest', what })
  say('the digest of everybody else is made')
  await rounds(run, say)
  await compactedRounds(run, say)
  caller.close()
  if (counts.untilIntakeGone) await untilReached(run, 'intakeGoneAt', null)
  await settled(whole)
  const after = await whole.owner.ask({ kind: 'digest', what })
  const figures = await reportOf(run)
  const troubles = [...(await troublesOf(run, before, after)), ...ratioTroubles(counts, figures.ratios)]
  return { ...figures, before, after, troubles }
}

/** Of the p99 while one person is erased by the calm one. */
export const ratioTarget = 1.25
export const judgedRatio = 'one / calm'

export function ratioTroubles(
  { judges }: Pick<ErasureCounts, 'judges'>,
  ratios: Readonly<Record<string, number>>,
): string[] {
  const ratio = ratios[judgedRatio] ?? Number.NaN
  return !judges || ratio <= ratioTarget
    ? []
    : [`${judgedRatio}: ${ratio.toFixed(2)}, not at most ${ratioTarget}`]
}

/** In the ids of the calls that ring while it is measured. */
const passing = 'passing'

/** Spread over the whole, so that each has its key in another block; some of them hold numbers and were called. */
function victimsOf({ sessions, rounds, compactedRounds, many }: ErasureCounts): number[] {
  const wanted = rounds * (1 + many) + compactedRounds
  const step = sessions / (wanted + 1)
  return Array.from({ length: wanted }, (_, place) => Math.floor(place * step))
}

/** Calls of the numbers, one after the other: what is decided of them has to stay. */
async function decide(
  { gateway }: Whole,
  { decisions }: ErasureCounts,
  numbers: readonly string[],
): Promise<void> {
  const caller = await openCaller(gateway.publicPort, { bearer, calls: 'decided', first: 20_000_000 })
  const calls = Array.from({ length: decisions }, (_, index) => numbers[index % numbers.length] as string)
  await inTurns(calls, 16, async number => void (await caller.ring(number)))
  caller.close()
}

async function rounds(run: Run, say: (line: string) => void): Promise<void> {
  const { counts, ringing } = run
  for (let round = 0; round < counts.rounds; round += 1) {
    for (const kind of ringing.chance.shuffled(['calm', 'one', 'many'] as const)) {
      const people = kind === 'many' ? counts.many : Number(kind === 'one')
      run.windows[kind].push(await ringWhile(ringing, counts.seconds, () => erase(run, people)))
    }
    say(`round ${round + 1} of ${counts.rounds}`)
  }
}

/** The store is compacted all the while, again and again, and every other window has an erasure. */
async function compactedRounds(run: Run, say: (line: string) => void): Promise<void> {
  const { counts, ringing, whole } = run
  if (counts.compactedRounds === 0) return
  const state = { going: true }
  const compacting = (async () => {
    while (state.going) run.compactions.push(await whole.owner.ask({ kind: 'compact' }))
  })()
  for (let round = 0; round < counts.compactedRounds; round += 1) {
    for (const kind of ringing.chance.shuffled(['compacting', 'compacting, one'] as const)) {
      const people = Number(kind === 'compacting, one')
      run.windows[kind].push(await ringWhile(ringing, counts.seconds, () => erase(run, people)))
    }
    say(`round ${round + 1} of ${counts.compactedRounds} while the store is compacted`)
  }
  state.going = false
  await compacting
}

/** Resolves when the keys of so many people are destroyed. */
async function erase(run: Run, people: number): Promise<void> {
  if (people === 0) return
  const began = performance.now()
  const id = await run.whole.erase(run.victims.splice(0, people).map(visitorOf))
  run.requests.push({ id, many: people > 1, answeredMs: performance.now() - began })
  await untilReached(run, 'keysGoneAt', id)
}

const pass = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

async function untilReached({ whole }: Run, state: Reached, request: string | null): Promise<void> {
  // Before its commit is through an erasure is among them already: it is heard before it is answered.
  while (!(await whole.owner.ask({ kind: 'reached', state, request }))) await pass(200)
}

async function settled({ owner }: Whole): Promise<void> {
  for (;;) {
    const { applied, committed } = await owner.ask({ kind: 'stands' })
    if (applied === committed) return
    await pass(50)
  }
}

async function troublesOf(run: Run, before: Digest, after: Digest): Promise<string[]> {
  const troubles = differences(before, after).map(name => `${name}: not as before`)
  const gone = victimsOf(run.counts).map(index => `v:${visitorOf(index)}`)
  const left = await run.whole.owner.ask({ kind: 'keys', tenant: 'bench', names: gone })
  if (left > 0) troubles.push(`${left} keys of erased people are left`)
  const others = Object.entries(answersOf(run)).filter(([kind]) => kind !== 'exact' && kind !== 'deferred')
  troubles.push(...others.map(([kind, count]) => `${count} calls were answered with ${kind}`))
  return troubles
}

async function reportOf(run: Run): Promise<Omit<Measured, 'before' | 'after' | 'troubles'>> {
  const { windows, compactions, counts } = run
  const used = kinds.filter(kind => windows[kind].length > 0)
  const erasures = await run.whole.owner.ask({ kind: 'erasures' })
  return {
    windows: Object.fromEntries(used.map(kind => [kind, figuresIn(windows[kind])])),
    ratios: {
      [judgedRatio]: p99Ratio(windows.one, windows.calm),
      [`${counts.many} / calm`]: p99Ratio(windows.many, windows.calm),
      ...(windows.compacting.length === 0
        ? {}
        : {
            'compacting / calm': p99Ratio(windows.compacting, windows.calm),
            'compacting, one / compacting': p99Ratio(windows['compacting, one'], windows.compacting),
          }),
    },
    states: { one: statesOf(run, erasures, false), many: statesOf(run, erasures, true) },
    compaction: {
      runs: compactions.length,
      rows: compactions.at(-1)?.rows ?? 0,
      pausedMs: Math.max(0, ...compactions.map(one => one.pausedMs)),
    },
    erased: erasures.reduce((sum, one) => sum + one.subjects.length, 0),
    answers: answersOf(run),
  }
}

function figuresIn(windows: readonly Window[]): Figures & { readonly windows: number } {
  const each = windows.map(({ latenciesMs }) => figuresOf(latenciesMs))
  const all = figuresOf(windows.flatMap(({ latenciesMs }) => latenciesMs))
  const middle = (figure: 'p50' | 'p99') => median(each.map(one => one[figure]))
  return { ...all, p50: middle('p50'), p99: middle('p99'), windows: windows.length }
}

/** Of the medians of the windows' p99. */
function p99Ratio(windows: readonly Window[], than: readonly Window[]): number {
  const of = (some: readonly Window[]) => median(some.map(({ latenciesMs }) => figuresOf(latenciesMs).p99))
  return of(windows) / of(than)
}

function statesOf({ requests }: Run, erasures: readonly Erasure[], many: boolean): States {
  const these = requests.filter(one => one.many === many)
  const of = (what: (erasure: Erasure) => number | null) => {
    const times = erasures
      .filter(erasure => these.some(({ id }) => id === erasure.request))
      .map(erasure => [what(erasure), erasure.atMs] as const)
      .flatMap(([reachedAt, atMs]) => (reachedAt === null ? [] : [reachedAt - atMs]))
    return times.length === 0 ? null : median(times)
  }
  return {
    answered: these.length === 0 ? null : median(these.map(({ answeredMs }) => answeredMs)),
    rowsGone: of(one => one.rowsGoneAt),
    keysGone: of(one => one.keysGoneAt),
    intakeGone: of(one => one.intakeGoneAt),
  }
}

function answersOf({ windows }: Run): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const window of kinds.flatMap(kind => windows[kind]))
    for (const [kind, count] of Object.entries(window.kinds)) sums[kind] = (sums[kind] ?? 0) + count
  return sums
}
