import { readOptions } from '../commandLine.ts'
import { type ErasureCounts, measureErasure } from './measure.ts'
import { reportText } from './report.ts'

/** `npm run erasure-bench`: what erasing people does to calls and to everybody else. */
const { values } = readOptions(
  'npm run erasure-bench -- [--sessions N] [--rounds N] [--compacted N] [--calls N] [--short] [--json]',
  {
    options: {
      sessions: { type: 'string' },
      rounds: { type: 'string' },
      compacted: { type: 'string' },
      calls: { type: 'string', default: '250' },
      short: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
)

// What was started here ends with us, however we end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const counts: ErasureCounts = {
  sessions: Number(values.sessions ?? (values.short ? 50_000 : 1_000_000)),
  numbers: 1_000,
  decisions: 5_000,
  rounds: Number(values.rounds ?? (values.short ? 3 : 9)),
  compactedRounds: Number(values.compacted ?? values.rounds ?? (values.short ? 3 : 9)),
  seconds: 4,
  callsPerSecond: Number(values.calls),
  many: 50,
  untilIntakeGone: true,
  judges: !values.short,
}
const report = await measureErasure(counts, line => process.stderr.write(`${line}\n`))
process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : reportText(report))
process.exit(report.troubles.length > 0 ? 1 : 0)
