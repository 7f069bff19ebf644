import type { Chance } from '../load/chance.ts'
import { type Figures, figuresOf, median } from './figures.ts'

export type Measured = 'bare' | 'floorLazy' | 'floorDurable' | 'lazy' | 'durable'
export type Measures = Readonly<Record<Measured, (count: number) => Promise<number[]>>>
export type Round = Readonly<Record<Measured, Figures>>

export type Rounds = {
  readonly rounds: readonly Round[]
  /** Medians over the rounds; p99.9 and max of all samples together, because a round has too few. */
  readonly medians: Round
}

/** Everything once per round, in a new order each time, so that whatever else the machine does falls on all alike. */
export async function measureRounds(
  measures: Measures,
  counts: { readonly rounds: number; readonly perRound: number; readonly warmUp: number },
  chance: Chance,
): Promise<Rounds> {
  const names = Object.keys(measures) as Measured[]
  for (const name of names) await measures[name](counts.warmUp)
  const all = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Measured, number[]>
  const rounds: Round[] = []
  for (let round = 0; round < counts.rounds; round += 1) {
    const found: Partial<Record<Measured, Figures>> = {}
    for (const name of chance.shuffled(names)) {
      const latenciesMs = await measures[name](counts.perRound)
      all[name].push(...latenciesMs)
      found[name] = figuresOf(latenciesMs)
    }
    rounds.push(found as Round)
  }
  const medians = names.map(name => [name, mediansOf(rounds, name, figuresOf(all[name]))])
  return { rounds, medians: Object.fromEntries(medians) as Round }
}

function mediansOf(rounds: readonly Round[], name: Measured, together: Figures): Figures {
  const of = (figure: 'p50' | 'p99') => median(rounds.map(round => round[name][figure]))
  return { ...together, p50: of('p50'), p99: of('p99') }
}

export type Ratio = {
  readonly name: string
  readonly of: number
  readonly lowest: number
  readonly highest: number
  /** null: printed, not judged. */
  readonly target: number | null
  readonly met: boolean | null
}

/** The targets: the median of the rounds' ratios must be no more. */
export function ratiosOf(rounds: readonly Round[]): Ratio[] {
  return [
    ratio(rounds, 'lazy p50 / bare request-reply p50', 1.7, one => one.lazy.p50 / one.bare.p50),
    ratio(rounds, 'durable p50 / its floor p50', 1.5, one => one.durable.p50 / one.floorDurable.p50),
    ratio(rounds, 'durable p99 / its floor p99', 2, one => one.durable.p99 / one.floorDurable.p99),
    ratio(rounds, 'lazy p50 / its floor p50', null, one => one.lazy.p50 / one.floorLazy.p50),
    ratio(rounds, 'lazy p99 / its floor p99', null, one => one.lazy.p99 / one.floorLazy.p99),
  ]
}

function ratio(
  rounds: readonly Round[],
  name: string,
  target: number | null,
  of: (round: Round) => number,
): Ratio {
  const values = rounds.map(of)
  const middle = median(values)
  const met = target === null ? null : middle <= target
  return { name, of: middle, lowest: Math.min(...values), highest: Math.max(...values), target, met }
}
