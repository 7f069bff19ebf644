import { readOptions } from '../commandLine.ts'
import { type DrillReport, drill } from './drill.ts'

const { values } = readOptions(
  'npm run kill-drill -- [--kills N] [--main-only N] [--threads N] [--visitors N] [--seed N] [--json]',
  {
    options: {
      kills: { type: 'string', default: '10' },
      'main-only': { type: 'string', default: '3' },
      threads: { type: 'string', default: '2' },
      visitors: { type: 'string', default: '160' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  },
)

// What was started here ends with us, however we end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const { json, kills, visitors, seed } = values
const report = await drill({
  kills: Number(kills),
  mainOnly: Number(values['main-only']),
  threads: Number(values.threads),
  visitors: Number(visitors),
  seed: Number(seed),
  say: line => void (json || process.stdout.write(`${line}\n`)),
})
process.stdout.write(json ? `${JSON.stringify(report)}\n` : summaryOf(report))
process.exit(report.troubles.length > 0 ? 1 : 0)

function summaryOf({ troubles, ...report }: DrillReport): string {
  const { events, calls, results } = report
  const lines = [
    '',
    `${report.kills} kills of the whole tree, ${report.mainOnly} of the main process, ${report.threads} threads crashed; seed ${report.seed}`,
    `  on the way: ${report.killedStarts} starts killed, nats-server frozen before ${report.frozen} kills, longest start ${report.longestStartMs} ms`,
    `  ${report.visitors} visitors: session and number stayed theirs`,
    `  ${events.acknowledged} page views and clicks acknowledged, ${events.sentAgain} sent again after a crash: each kept once`,
    `  ${calls.acknowledged} calls acknowledged, ${calls.deferred} answers deferred: each with its record and the right visit`,
    `  ${report.endedSessions} visitors left: the end of each session was told once`,
    `  ${results.stored} results, ${results.storedAgain} of them stored more than once: each taken once`,
  ]
  const verdict = troubles.map(trouble => `NOT GOOD: ${trouble}`)
  return `${(troubles.length === 0 ? lines : [...lines.slice(0, 3), ...verdict]).join('\n')}\n`
}
