import { globSync } from 'node:fs'
import { join } from 'node:path'
import { readOptions } from '../commandLine.ts'
import { findNatsServer } from '../../config/setup/natsServer.ts'
import { totalOf } from './namespace.ts'
import { assertNamespaces, type Ran, runInside } from './run.ts'

/**
 * `npm run egress-drill`: every file of end-to-end tests, or those whose path has one of the names,
 * each in a network of its own in which only loopback leads anywhere. Nothing else is configured in any of them, so every
 * packet, every missing route and every look-up is one too many, and is said with the file.
 */
const { values, positionals } = readOptions('npm run egress-drill -- [--json] [NAME …]', {
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
})

const repository = join(import.meta.dirname, '../..')
const vitest = join(repository, 'node_modules/vitest/vitest.mjs')
const say = (line: string) => void (values.json || process.stdout.write(`${line}\n`))

type Verdict = { readonly file: string; readonly trouble: string | null } & Omit<Ran, 'output'>

async function runFile(file: string): Promise<Verdict> {
  const test = ['run', '--config', 'config/vitest.config.ts', '--project', 'assembled', file]
  const { output, ...ran } = await runInside([process.execPath, vitest, ...test])
  const trouble = troubleOf(ran)
  const { packets, withoutRoute, lookups } = ran.run
  say(
    `${file}: ${packets} packets, ${withoutRoute} without a route, ${lookups} look-ups; ${trouble ?? 'good'}`,
  )
  if (trouble !== null) say([...ran.seen, output.split('\n').slice(-80).join('\n')].join('\n'))
  return { file, trouble, ...ran }
}

function troubleOf({ run, status, uncounted }: Omit<Ran, 'output'>): string | null {
  if (totalOf(run) > 0) return 'SOMETHING TRIED TO LEAVE'
  if (uncounted.length > 0) return `NOT COUNTED: ${uncounted.join(', ')}`
  return status === 0 ? null : 'its tests failed'
}

assertNamespaces()
// Inside nothing can be fetched.
await findNatsServer()
const files = globSync('bench/e2e/**/*.test.ts', { cwd: repository })
  .filter(file => positionals.length === 0 || positionals.some(name => file.includes(name)))
  .sort()
const verdicts: Verdict[] = []
for (const file of files) verdicts.push(await runFile(file))
const bad = verdicts.filter(({ trouble }) => trouble !== null)
const sent = verdicts.reduce((sum, { run }) => sum + totalOf(run), 0)
say(`${files.length} files, ${sent} attempts to leave, ${bad.length} not good`)
if (values.json) process.stdout.write(`${JSON.stringify(verdicts)}\n`)
process.exit(bad.length > 0 || files.length === 0 ? 1 : 0)
