import { csvTable } from '../../config/csv.ts'
import { formatDuration } from '../../config/durations.ts'
import type { Share } from './bootstrap.ts'
import type { Recorded } from './record.ts'
import { sayRecord, sayRecordDoubts } from './replayReport.ts'
import { evidenceFrom, type Simulated, type Simulation } from './simulate.ts'
import { counted, percent, textTable } from './textTable.ts'

/** What a simulation came to, as people read it, and as files. */

/** What one number costs; null: nobody said. */
export type Price = number | null

export function simulateText(recorded: Recorded, simulation: Simulation, price: Price): string {
  const pools = [...new Set(simulation.rows.map(({ pool }) => pool))]
  return [
    `${sayRecord(recorded)}.`,
    ...sayRecordDoubts(recorded),
    ...pools.flatMap(pool => ['', ...poolLines(simulation, pool, price)]),
    '',
    ...sayReading(simulation),
    '',
  ].join('\n')
}

function poolLines({ rows }: Simulation, pool: string, price: Price): string[] {
  const ours = rows.filter(row => row.pool === pool)
  const visits = rangeText(ours.map(row => row.visits))
  const calls = counted(ours[0]?.calls ?? 0)
  const head = [
    ...['numbers', 'tail', 'cool-down', 'no own number', '(95 %)', 'Erlang-B'],
    ...['wrong', 'unknown', 'errors', '(95 %)', 'found', ...(price === null ? [] : ['cost'])],
  ]
  return [
    `Pool ${pool}: ${visits} visits, ${calls} calls whose visit is known (* as it is now)`,
    textTable(
      head,
      ours.map(row => cellsOf(row, price)),
      [],
    ),
  ]
}

/** A longer tail makes one visit of two. */
function rangeText(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  return least === most ? counted(most) : `${counted(least)} to ${counted(most)}`
}

function cellsOf(row: Simulated, price: Price): string[] {
  const { size, tailMs, coolDownMs, without, erlang, wrong, unknown, error, found, isInForce } = row
  return [
    `${isInForce ? '* ' : ''}${counted(size)}`,
    ...[formatDuration(tailMs), formatDuration(coolDownMs)],
    ...[shareText(without), intervalText(without), percent(erlang.byHour)],
    ...[counted(wrong), counted(unknown), shareText(error), intervalText(error), counted(found)],
    ...(price === null ? [] : [costText(size * price)]),
  ]
}

const shareText = (share: Share | null) => (share === null ? '-' : percent(share.share))
const intervalText = (share: Share | null) =>
  share === null || share.low === null || share.high === null
    ? '-'
    : `${(100 * share.low).toFixed(1)} to ${(100 * share.high).toFixed(1)}`
const costText = (cost: number) => cost.toFixed(2)

function sayReading({ blockMs, withoutEvidence, evidenceWrong }: Simulation): string[] {
  const blocks = blockMs > 3_600_000 ? 'days' : 'hours'
  return [
    'no own number  visits that were first shown none of the pool, or one that somebody else still had',
    'Erlang-B       the same by the textbook, for visitors who go away where there is none',
    `errors         of the calls whose visit the record knows (confidence ${evidenceFrom / 1_000} and more): to somebody else, or to nobody`,
    'found          calls of which the record knows no visit, and which would go to one',
    `95 %           ${blocks} redrawn`,
    `The record itself is wrong for about ${percent(evidenceWrong)} of the calls that it knows, by its own confidence;`,
    `of ${counted(withoutEvidence)} calls on these numbers it knows too little. docs/what-if.md says what else is not known.`,
  ]
}

export function simulateJson(recorded: Recorded, simulation: Simulation, price: Price): string {
  const { tenant, fromMs, toMs, events, leftOut, policyVersion } = recorded
  const { rows, ...figures } = simulation
  const whole = {
    ...{ tenant, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), policyVersion },
    ...{ events: events.length, leftOut, numberPrice: price, evidenceFrom: evidenceFrom / 1_000, ...figures },
    rows: rows.map(row => ({ ...row, cost: price === null ? null : row.size * price })),
  }
  return `${JSON.stringify(whole, null, 2)}\n`
}

const columns = [
  ...['pool', 'numbers', 'tailMs', 'coolDownMs', 'asNow', 'visits', 'fallback', 'shared'],
  ...['without', 'withoutLow', 'withoutHigh', 'erlangByHour', 'erlangAtMeanLoad', 'load', 'holdMs'],
  ...['calls', 'wrong', 'unknown', 'errors', 'errorsLow', 'errorsHigh', 'found', 'cost'],
]

export function simulateCsv({ rows }: Simulation, price: Price): string {
  const flat = rows.map(({ without, error, erlang, size, isInForce, ...row }) => ({
    ...{ ...row, numbers: size, asNow: isInForce },
    ...{ without: without?.share, withoutLow: without?.low, withoutHigh: without?.high },
    ...{ erlangByHour: erlang.byHour, erlangAtMeanLoad: erlang.atMeanLoad },
    ...{ load: erlang.load, holdMs: erlang.holdMs },
    ...{ errors: error?.share, errorsLow: error?.low, errorsHigh: error?.high },
    cost: price === null ? null : size * price,
  }))
  return csvTable(columns, flat)
}
