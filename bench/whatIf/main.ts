import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOptions } from '../commandLine.ts'
import { makeRecord, putConfig, site, tenant } from './folder.ts'
import { runTraffic } from './traffic.ts'

/**
 * `npm run what-if-record`: a data directory in which one tenant has so many events on record, to try `ringtrail simulate` and
 * `ringtrail replay` on. Nothing is sealed in it, and no log belongs to it: the system is not started on it.
 */
const { values } = readOptions(
  'npm run what-if-record -- [--events 100000] [--numbers 80] [--seed 1] [--dir FOLDER]',
  {
    options: {
      events: { type: 'string', default: '100000' },
      numbers: { type: 'string', default: '80' },
      seed: { type: 'string', default: '1' },
      dir: { type: 'string' },
    },
  },
)

const [events, numbers, seed] = [values.events, values.numbers, values.seed].map(Number) as [
  number,
  number,
  number,
]
if (values.dir !== undefined && existsSync(join(values.dir, 'data'))) {
  process.stderr.write('--dir names a folder that has no data in it yet.\n')
  process.exit(2)
}
if (![events, numbers, seed].every(value => Number.isSafeInteger(value) && value >= 1) || numbers > 9_999) {
  process.stderr.write('--events, --numbers (at most 9999) and --seed are whole numbers from 1.\n')
  process.exit(2)
}

const hourMs = 3_600_000
const visitsPerHour = 90
/** About so many events a visit brings that are kept. */
const eventsPerVisit = 3
const fromMs = Date.UTC(2026, 2, 2)
const toMs = fromMs + Math.ceil((1.1 * events) / eventsPerVisit / visitsPerHour) * hourMs
const last = `+457000${String(numbers).padStart(4, '0')}`
const pool = { numbers: [`+4570000001..${last}`] }
const traffic = { seed, site, tenant, fromMs, toMs, visitsPerHour, callShare: 0.1, withdrawShare: 0.01 }
const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'ringtrail-what-if-'))
const { config, lived } = await makeRecord(dir, pool, {
  fromMs,
  live: tell => runTraffic({ ...traffic, tell }),
})
const other = putConfig(dir, 'shorter-tail.yaml', { ...pool, tail: '5m' })
process.stdout.write(
  [
    `${lived.entries} entries of the log, of which ${lived.events} events are kept, and ${lived.calls} calls`,
    `npm run ringtrail -- simulate --config ${config} --tenant ${tenant}`,
    `npm run ringtrail -- replay --config ${config} --tenant ${tenant} --policy ${other}`,
    '',
  ].join('\n'),
)
