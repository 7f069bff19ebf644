import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('the bench of questions fills a store, asks, and says what it measured', async () => {
  const main = join(import.meta.dirname, '../questions/main.ts')
  const small = ['--calls', '2000', '--rounds', '1', '--seconds', '1', '--events', '100', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...small])
  const found = JSON.parse(stdout) as Record<'reports' | 'events', Record<string, number>> & {
    readonly streams: readonly { readonly rows: number }[]
  }
  expect(found.streams.at(-1)?.rows).toBeGreaterThanOrEqual(2_000)
  expect(found.reports.count).toBeGreaterThan(0)
  expect(found.events).toMatchObject({ refused: 0 })
})
