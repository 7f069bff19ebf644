import { type FinalOutcome, finalOutcomes } from '../../core/callOutcomes.ts'
import type { Dimension } from '../../core/shownCall.ts'
import type { Report } from '../../core/wire/questions.ts'
import { csvTable } from '../../config/csv.ts'

/**
 * One group of a report. Everything but `calls` is shared out by credit, so that it adds up to all calls; of the outcomes
 * those of calls that are over.
 */
export type ReportRow = Readonly<Record<FinalOutcome, number>> & {
  readonly group: Readonly<Partial<Record<Dimension, string | null>>>
  /** Milliseconds, the day's beginning in UTC. */
  readonly dayMs: number | null
  /** In how many calls the group has a part. */
  readonly calls: number
  readonly credit: number
  readonly qualified: number
  readonly firstTime: number
  readonly talkMs: number
  /** How many of them are right, by their confidence. */
  readonly expectedRight: number
}

/** What a report came to. `more`: how many groups were left out. */
export type Reported = {
  readonly rows: readonly ReportRow[]
  readonly total: ReportRow
  readonly more: number
}

/** As it is answered: JSON, or a table of its rows alone. */
export function reportText(
  { rows, total, more }: Reported,
  { by, model, daily }: Report,
  as: 'json' | 'csv',
): string {
  if (as === 'csv') return csvTable([...by, ...(daily ? ['day'] : []), ...figures], rows.map(shownRow))
  return JSON.stringify({ model, rows: rows.map(shownRow), total: shownRow(total), more })
}

const figures = [
  ...['calls', 'credit', 'qualified', ...finalOutcomes, 'firstTime', 'talkMs'],
  ...['meanConfidence', 'expectedRight'],
]

function shownRow({ group, dayMs, expectedRight, ...sums }: ReportRow): Record<string, unknown> {
  const meanConfidence = sums.credit > 0 ? Math.round((expectedRight / sums.credit) * 1_000) / 1_000 : null
  const day = dayMs === null ? {} : { day: new Date(dayMs).toISOString().slice(0, 10) }
  return { ...group, ...day, ...sums, meanConfidence, expectedRight }
}
