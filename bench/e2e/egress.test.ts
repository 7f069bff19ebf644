import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Report } from './insideNamespace.ts'
import type { Attempts } from './namespace.ts'

// The whole system in a network of its own: what tries to leave it is counted.

let report: Report

beforeAll(() => {
  const allowed = spawnSync('unshare', ['-rn', 'true'], { encoding: 'utf8' })
  if (allowed.status !== 0)
    throw new Error(
      `This machine gives an ordinary user no network namespace (unshare -rn: ${allowed.stderr || String(allowed.error)}). ` +
        'What leaves the system cannot be counted here: allow unprivileged user namespaces, or run this as root.',
    )
  const inside = spawnSync(
    'unshare',
    ['-rn', process.execPath, join(import.meta.dirname, 'insideNamespace.ts')],
    {
      encoding: 'utf8',
      timeout: 110_000,
    },
  )
  if (inside.status !== 0)
    throw new Error(`the run in the namespace failed: ${inside.stderr}${inside.stdout}`)
  report = JSON.parse(inside.stdout) as Report
})

const total = ({ packets, withoutRoute, lookups }: Attempts) => packets + withoutRoute + lookups

test('visitors, calls, pages, monitors and a restart: no packet leaves, and no name is looked up', () => {
  expect(report.exact).toBe(report.visitors)
  expect(report.run).toEqual({ packets: 0, withoutRoute: 0, lookups: 0 })
})

test('a datagram, a connection, one over IPv6 and a look-up would have been counted', () => {
  const steps = [report.run, ...report.control]
  const added = report.control.map((after, at) => total(after) - total(steps[at] as Attempts))
  expect(added).toHaveLength(4)
  for (const count of added) expect(count, JSON.stringify(steps)).toBeGreaterThan(0)
})
