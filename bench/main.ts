import { readOptions } from './commandLine.ts'
import { type Counts, measure } from './path/measure.ts'
import { reportText } from './path/report.ts'

/** `npm run bench`: what the call path costs beside what NATS alone costs, in one run. */
const { values } = readOptions('npm run bench -- [--short] [--json]', {
  options: { short: { type: 'boolean' }, json: { type: 'boolean' } },
})

// What was started here ends with us, however we end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/** V8 goes on compiling the path for about 15,000 calls; before that it is measured, not the path. */
const steadyAfter = 20_000

const full: Counts = {
  rounds: 9,
  perRound: 2_000,
  warmUp: steadyAfter,
  visitors: 100,
  openSeconds: 20,
  lent: 10_000,
  matchMs: 2_000,
  priceBatches: 60,
  doorRounds: 7,
  perDoorRound: 150,
}
const short: Counts = {
  ...full,
  rounds: 7,
  perRound: 500,
  warmUp: 1_000,
  openSeconds: 6,
  matchMs: 500,
  priceBatches: 30,
  perDoorRound: 60,
}

const report = await measure(values.short ? short : full)
process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : reportText(report))
