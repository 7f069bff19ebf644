import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { countBreach } from '../../workers/breachCount.ts'
import { openStore, type Store } from '../../workers/store.ts'
import { fillLean, seededFromMs, seededSpanMs, truthOf } from './seeded.ts'

/**
 * `npm run breach-drill`: a store of ten million records, what a breach of it reaches, and its truth beside it. It takes
 * about 9 GB of disk, some minutes, and leaves nothing. `--rows 1000000` for less; `--dir` for another disk.
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    dir: { type: 'string', default: tmpdir() },
  },
})

const day = 86_400_000
const windows = [
  ['all 60 days', seededFromMs, seededFromMs + seededSpanMs],
  ['one day', seededFromMs + 20 * day, seededFromMs + 21 * day],
  ['one hour', seededFromMs + 30 * day, seededFromMs + 30 * day + day / 24],
] as const

const say = (line: string) => process.stdout.write(`${line}\n`)
const seconds = (began: number) => `${((performance.now() - began) / 1_000).toFixed(2)} s`

/** Counts and compares; whether every figure is within what it says. */
async function compareWindow(
  store: Store,
  rows: number,
  [name, fromMs, toMs]: (typeof windows)[number],
): Promise<boolean> {
  const began = performance.now()
  const counts = await countBreach(store, { tenant: 'acme', fromMs, toMs, actors: null, sinceMs: 0 })
  const took = seconds(began)
  const truth = truthOf(rows, 'acme', fromMs, toMs)
  const compared = [
    ['rows', { count: counts.rows, plusMinus: 0 }, truth.rows],
    ...Object.entries(truth.records).map(
      ([kind, count]) => [kind, counts.records[kind as keyof typeof truth.records], count] as const,
    ),
    ['visitors', counts.visitors, truth.visitors],
    ['callers', counts.callers, truth.callers],
  ] as const
  say(`${name}: counted in ${took}; resident memory ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`)
  let isRight = true
  for (const [what, { count, plusMinus }, real] of compared) {
    const isWithin = Math.abs(count - real) <= plusMinus
    isRight &&= isWithin
    const off = real === 0 ? 0 : ((count - real) / real) * 100
    say(
      `  ${what}: ${count} ± ${plusMinus}, truth ${real} (${off.toFixed(3)} % off)${isWithin ? '' : ' WRONG'}`,
    )
  }
  return isRight
}

async function drill(rows: number, folder: string): Promise<boolean> {
  const began = performance.now()
  await fillLean(folder, rows, done => {
    if (done % 1_000_000 === 0) say(`${done} rows after ${seconds(began)}`)
  })
  const bytes = statSync(join(folder, 'partitions', '000', 'data.mdb')).size
  say(`${rows} rows in ${seconds(began)}, ${(bytes / 2 ** 30).toFixed(2)} GB`)
  const store = openStore(folder, 0)
  try {
    let isRight = true
    for (const window of windows) isRight = (await compareWindow(store, rows, window)) && isRight
    return isRight
  } finally {
    await store.close()
  }
}

const folder = mkdtempSync(join(values.dir, 'ringtrail-breach-drill-'))
try {
  if (!(await drill(Number(values.rows), folder))) process.exitCode = 1
} finally {
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
}
