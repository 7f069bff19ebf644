import Table from 'cli-table3'
import { readOptions } from '../commandLine.ts'
import { doubtBelow } from './tally.ts'
import { runNames, type TruthRun, truth } from './truth.ts'

const { values } = readOptions(
  'npm run truth -- [--visitors N] [--calls N] [--seed N] [--run large|small|passing] [--short] [--json]',
  {
    options: {
      visitors: { type: 'string' },
      calls: { type: 'string' },
      seed: { type: 'string', default: '1' },
      run: { type: 'string' },
      short: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
)

// What was started here ends with us, however we end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const { short, json } = values
const named = runNames.filter(name => values.run === undefined || values.run === name)
if (named.length === 0) {
  process.stderr.write(`--run has to be one of ${runNames.join(', ')}.\n`)
  process.exit(2)
}
const runs = await truth({
  visitors: Number(values.visitors ?? (short ? 200 : 2_000)),
  calls: Number(values.calls ?? (short ? 50 : 500)),
  seed: Number(values.seed),
  runs: named,
})
if (json) process.stdout.write(`${JSON.stringify(runs)}\n`)
else {
  for (const one of runs) print(one)
  process.stdout.write(
    `claimed: the mean confidence; at most: the highest share right that the sample speaks for (exact binomial bound, one-sided,\n${100 * doubtBelow} %). A kind claims too much when what it claims is above that: in one of a hundred rows by chance.\n`,
  )
}
process.exit(runs.some(one => one.troubles.length > 0) ? 1 : 0)

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
    `  ${run.deferred} answers were deferred and are judged by what was concluded afterwards.`,
    ...run.model.map(sentence => `  ${sentence}`),
    tableOf(run),
    ...run.troubles.map(trouble => `NOT GOOD: ${trouble}`),
    '',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
