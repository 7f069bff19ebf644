import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { totalOf } from '../egress/namespace.ts'
import { assertNamespaces, runInside } from '../egress/run.ts'
import type { Scenario } from '../egress/scenario.ts'
import { outwardAddress } from '../egress/watch.ts'

// The whole system in a network of its own: what tries to leave it is counted.

const folder = join(import.meta.dirname, '../egress')
const nothing = { packets: 0, withoutRoute: 0, lookups: 0 }

beforeAll(assertNamespaces)

test('visitors, calls, pages, monitors and a restart: no packet leaves, and no name is looked up', async () => {
  const { output, ...ran } = await runInside([process.execPath, join(folder, 'scenario.ts')])
  expect(ran, output).toEqual({ status: 0, run: nothing, seen: [], uncounted: [] })
  const { visitors, exact } = JSON.parse(output) as Scenario
  expect(exact).toBe(visitors)
})

test.each([
  ["connect(443, '192.0.2.7')", 'node -e to tcp 192.0.2.7:443'],
  ["connect(443, '2001:db8::7')", 'node -e to tcp6 [2001:0db8:0000:0000:0000:0000:0000:0007]:443'],
])('whoever phones home is counted, and named: %s', async (call, name) => {
  const home = `require('node:net').${call}.setTimeout(400, () => process.exit(3))`
  const { run, status, seen } = await runInside([process.execPath, '-e', home])
  expect(totalOf(run)).toBeGreaterThan(0)
  expect([status, seen]).toEqual([3, [name]])
})

test('the command that runs the end-to-end tests so names the file, and counted what it should', () => {
  const { status, stdout } = spawnSync(process.execPath, [join(folder, 'main.ts'), 'e2e/owed'], {
    encoding: 'utf8',
  })
  expect(stdout).toBe(
    'bench/e2e/owed.test.ts: 0 packets, 0 without a route, 0 look-ups; good\n' +
      '1 files, 0 attempts to leave, 0 not good\n',
  )
  expect(status).toBe(0)
})

test.each([
  ['0100007F:0035', null],
  ['00000000:0000', null],
  ['0101000A:0035', '10.0.1.1:53'],
  ['00000000000000000000000001000000:01BB', null],
  ['0000000000000000FFFF00000100007F:01BB', null],
  ['0000000000000000FFFF0000010200C0:01BB', '192.0.2.1:443'],
])('the kernel writes %s for %s', (written, address) => expect(outwardAddress(written)).toBe(address))
