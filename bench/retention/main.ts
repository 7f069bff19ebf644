import { readOptions } from '../commandLine.ts'
import { added, type Figures, noFigures } from './figures.ts'
import { storesFolder } from './folder.ts'
import { run } from './run.ts'

/**
 * `npm run retention`: simulated days over the real stores, with retention changed in both directions, held against a
 * model.
 */
const { values } = readOptions(
  'npm run retention -- [--seeds 3] [--from 1] [--seed N] [--days 400] [--per-hour 1] [--directory DIR] [--json]',
  {
    options: {
      seeds: { type: 'string', default: '3' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      days: { type: 'string', default: '400' },
      'per-hour': { type: 'string', default: '1' },
      directory: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  },
)

const from = Number(values.seed ?? values.from)
const seeds = values.seed === undefined ? Number(values.seeds) : 1
const days = Number(values.days)
const perHour = Number(values['per-hour'])
if (![from, seeds, days].every(value => Number.isSafeInteger(value) && value >= 1) || !(perHour > 0)) {
  process.stderr.write(
    '--seeds, --from, --seed and --days are whole numbers from 1, --per-hour is more than 0.\n',
  )
  process.exit(2)
}

const began = performance.now()
let figures: Figures = noFigures()
let departed: { seed: number; says: string } | null = null
for (let seed = from; seed < from + seeds && departed === null; seed++) {
  const folder = storesFolder(values.directory ?? null)
  try {
    const ran = await run({ seed, days, perHour, directory: folder.path })
    figures = added(figures, ran.figures)
    if (ran.departed !== null) departed = { seed, says: ran.departed }
  } finally {
    folder.remove()
  }
  process.stderr.write(`seed ${seed}: ${Math.round((performance.now() - began) / 1_000)} s\n`)
}
const seconds = Math.round((performance.now() - began) / 1_000)
if (values.json) process.stdout.write(`${JSON.stringify({ seconds, ...figures, departed })}\n`)
else {
  for (const [name, value] of Object.entries({ seconds, ...figures }))
    process.stdout.write(`${name.padEnd(22)}${value}\n`)
}
if (departed !== null) {
  process.stderr.write(`seed ${departed.seed}: ${departed.says}\n`)
  process.exitCode = 1
}
