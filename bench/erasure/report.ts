import Table from 'cli-table3'
import { compared } from './digest.ts'
import {
  type ErasureReport,
  judgedRatio,
  type Kind,
  kinds,
  ratioTarget,
  ratioTroubles,
  type States,
} from './measure.ts'

const style = { head: [], border: [] }

/** The report as people read it. */
export function reportText(report: ErasureReport): string {
  const { counts, stands, busy, compaction, erased } = report
  const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MiB`
  return [
    `${stands.sessions} sessions in one partition, filled in ${report.filledSeconds.toFixed(0)} s; its owner takes ${megabytes(stands.rssBytes)}, its store ${megabytes(stands.storeBytes)}`,
    `Ring to answer through the gateway, open loop, ${counts.callsPerSecond} calls a second in windows of ${counts.seconds} s in turns (µs); p50 and p99 are medians of windows`,
    windowTable(report),
    ratioHead(report),
    ratioTable(report),
    `Time to each state, medians (ms): answered from the request, the others from the entry; ${erased} people in all`,
    stateTable(report),
    `The store was compacted ${compaction.runs} times, ${compaction.rows} rows, with at most ${compaction.pausedMs.toFixed(0)} ms in which nothing could be committed`,
    'Everybody else, before and after',
    digestTable(report),
    `Answers: ${Object.entries(report.answers)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}`,
    `Load of the machine: ${busy.before.toFixed(1)} before, ${busy.after.toFixed(1)} after`,
    ...report.troubles.map(trouble => `NOT GOOD: ${trouble}`),
    '',
  ].join('\n')
}

function windowTable({ windows, counts }: ErasureReport): string {
  const names: Readonly<Record<Kind, string>> = {
    calm: 'calm',
    one: 'one person is erased',
    many: `${counts.many} people are erased at once`,
    compacting: 'the store is compacted',
    'compacting, one': 'the same, and one person is erased',
  }
  const table = new Table({ head: ['', 'p50', 'p99', 'p99.9', 'max', 'samples', 'windows'], style })
  for (const kind of kinds) {
    const figures = windows[kind]
    if (figures === undefined) continue
    const { p50, p99, p999, max, count } = figures
    table.push([names[kind], ...[p50, p99, p999, max].map(one => one.toFixed(0)), count, figures.windows])
  }
  return table.toString()
}

function ratioHead({ counts }: ErasureReport): string {
  return counts.judges
    ? `Ratios of those p99 (one person at most ${ratioTarget} times the calm one)`
    : 'Ratios of those p99, not judged: the windows are too few'
}

function ratioTable({ ratios, counts }: ErasureReport): string {
  const table = new Table({ head: ['', 'ratio', ''], style })
  for (const [name, ratio] of Object.entries(ratios)) {
    const verdict = ratioTroubles(counts, ratios).length === 0 ? 'met' : 'not met'
    table.push([name, ratio.toFixed(2), counts.judges && name === judgedRatio ? verdict : 'not judged'])
  }
  return table.toString()
}

function stateTable({ states, counts }: ErasureReport): string {
  const table = new Table({
    head: ['', 'answered', 'rows gone', 'keys destroyed', 'intake key destroyed'],
    style,
  })
  const ms = (value: number | null) => (value === null ? 'not yet' : value.toFixed(0))
  const row = ({ answered, rowsGone, keysGone, intakeGone }: States) =>
    [answered, rowsGone, keysGone, intakeGone].map(ms)
  table.push(['one', ...row(states.one)], [String(counts.many), ...row(states.many)])
  return table.toString()
}

function digestTable({ before, after }: ErasureReport): string {
  const table = new Table({ head: ['', 'rows', 'before', 'after', ''], style })
  for (const name of compared) {
    const [one, other] = [before[name], after[name]]
    const verdict = one.sha256 === other.sha256 ? 'equal' : 'not equal'
    table.push([name, one.rows, one.sha256.slice(0, 16), other.sha256.slice(0, 16), verdict])
  }
  return table.toString()
}
