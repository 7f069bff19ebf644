import { readOptions } from '../commandLine.ts'
import { reportText, failureText } from './report.ts'
import { simulate } from './simulate.ts'
import { tallied } from './tally.ts'

/** `npm run check-rules`: the core beside a slow oracle. */
const { values } = readOptions(
  'npm run check-rules -- [--seeds 1000] [--from 1] [--seed N] [--entries N] [--json]',
  {
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      entries: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  },
)

const from = Number(values.seed ?? values.from)
const seeds = values.seed === undefined ? Number(values.seeds) : 1
const entries = values.entries === undefined ? null : Number(values.entries)
if (![from, seeds, entries ?? 1].every(value => Number.isSafeInteger(value) && value >= 1)) {
  process.stderr.write('--seeds, --from, --seed and --entries are whole numbers from 1.\n')
  process.exit(2)
}

const began = performance.now()
const progress = (done: number) => {
  if (done % 50 === 0) process.stderr.write(`${done} of ${seeds} seeds\n`)
}
const simulated = simulate({ from, seeds, entries, shrinks: !values.json, progress })
const seconds = (performance.now() - began) / 1_000
const { failure, tally, ...figures } = simulated
const report = {
  from,
  ...figures,
  seconds,
  seedsPerSecond: figures.seeds / seconds,
  exercised: tallied(tally),
}
if (values.json) process.stdout.write(`${JSON.stringify({ ...report, failure: failure?.failure ?? null })}\n`)
else process.stdout.write(reportText(report))
if (failure !== null) {
  if (!values.json) process.stderr.write(failureText(failure))
  process.exitCode = 1
}
