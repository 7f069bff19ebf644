import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordsOf } from '../config/export/assemble.ts'
import { annasHistory } from '../config/export/goldenHistory.ts'
import { writePackage } from '../config/export/makePackage.ts'
import { head } from '../config/export/testHead.ts'
import { createLogger } from '../config/logger.ts'
import { unpack } from '../config/pack.ts'
import { partitionOfTenant } from '../config/partitions.ts'
import { limits } from '../core/limits.ts'
import type { LogMessage } from '../core/wire/log.ts'
import { subjects } from '../core/wire/subjects.ts'
import { createCounts } from './counts.ts'
import { byItself } from './noting.ts'
import { hearReturns, lastPackageOf, packageOf, removePackage } from './returnFolder.ts'
import { createReturnSweep } from './returnSweep.ts'

const hour = 3_600_000
const day = 24 * hour
const finishedAt = Date.UTC(2026, 10, 24)
const [first, second] = ['a'.repeat(22), 'b-_'.padEnd(22, '7')]

let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'ringtrail-returns-')), 'returns')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

/** A package that was written to last at a time. `lacks`: a file that it has not got. */
async function lay(tenant: string, request: string, atMs = finishedAt, lacks?: string): Promise<string> {
  const directory = join(folder, `${tenant}-${request}`)
  await writePackage(directory, { ...head, tenant, request }, recordsOf(annasHistory, 'everyone'))
  if (lacks !== undefined) rmSync(join(directory, lacks))
  for (const name of readdirSync(directory)) utimesSync(join(directory, name), atMs / 1_000, atMs / 1_000)
  utimesSync(directory, atMs / 1_000, atMs / 1_000)
  return directory
}

/** What the log was given, and what the worker counts. `isAway`: the log takes nothing. */
function sweeping(keptMs = 7 * day) {
  const taken: { subject: string; id: string; message: LogMessage }[] = []
  const log = { isAway: false }
  const link = {
    store: async (subject: string, data: Uint8Array, id: string) => {
      if (log.isAway) throw new Error('the log is away')
      taken.push({ subject, id, message: unpack(data) as LogMessage })
      return { sequence: taken.length } as never
    },
  }
  const counts = createCounts()
  const logger = createLogger('silent')
  const round = createReturnSweep({ link, folder, keptMs, partitionsInAll: 16, counts, logger })
  const gauge = (name: string) => counts.asJson().find(one => one.name === name)?.values[0]?.value
  const gauges = () => [gauge('ringtrail_return_oldest_seconds'), gauge('ringtrail_return_overdue_seconds')]
  return { round, taken, log, gauges }
}

test('a package stays until its time is over, and is removed then, after the record of it', async () => {
  const directory = await lay('acme', first)
  const { round, taken, gauges } = sweeping()
  expect(gauges()).toEqual([0, 0])
  await round(finishedAt + 7 * day - 1)
  expect([existsSync(directory), taken.length, gauges()]).toEqual([true, 0, [(7 * day - 1) / 1_000, 0]])
  const { manifestSha256 } = packageOf(folder, 'acme', first) ?? {}
  await round(finishedAt + 7 * day)
  expect([existsSync(directory), gauges()]).toEqual([false, [0, 0]])
  const [record] = taken
  expect(record?.subject).toBe(subjects.log(partitionOfTenant('acme', 0, 16)))
  expect(record?.message.events).toEqual([
    {
      clear: { kind: 'noted', tenant: 'acme' },
      personal: null,
      note: {
        ...{ form: 2, action: 'return-removed', actor: 'system', role: 'system', request: first },
        ...{ subjects: [], purpose: null, counts: { records: 8 } },
        detail: { because: 'time', manifest: manifestSha256 },
      },
    },
  ])
})

test('what was removed is known by its hash for the certificate, and forgotten in the end', async () => {
  await lay('acme', first)
  const before = packageOf(folder, 'acme', first)
  expect(before).toMatchObject({ atMs: finishedAt, records: 8, removedAtMs: null })
  const { round } = sweeping()
  const removedAt = finishedAt + 8 * day
  await round(removedAt)
  expect(packageOf(folder, 'acme', first)).toEqual({ ...before, directory: null, removedAtMs: removedAt })
  expect(statSync(join(folder, `acme-${first}.json`)).mode & 0o777).toBe(0o600)
  await round(Date.now() + limits.returnsRememberedMs)
  expect(packageOf(folder, 'acme', first)).toBe(null)
  expect(readdirSync(folder)).toEqual([])
})

test('where the log does not take the record the package stays, and the gauge says for how long too long', async () => {
  const directory = await lay('acme', first)
  const { round, taken, log, gauges } = sweeping(hour)
  log.isAway = true
  await round(finishedAt + 3 * hour)
  expect([existsSync(directory), taken.length, gauges()]).toEqual([true, 0, [10_800, 7_200]])
  log.isAway = false
  await round(finishedAt + 4 * hour)
  expect([existsSync(directory), taken.length, gauges()]).toEqual([false, 1, [0, 0]])
})

test('what will never be finished goes when it was not written to for an hour, and what is being written stays', async () => {
  const [died, alive] = [
    await lay('acme', first, finishedAt, 'SHA256SUMS'),
    await lay('acme', second, finishedAt, 'SHA256SUMS'),
  ]
  const growing = (finishedAt + 30 * 60_000) / 1_000
  utimesSync(join(alive, 'sessions.jsonl'), growing, growing)
  const { round, taken } = sweeping()
  await round(finishedAt + hour)
  expect([existsSync(died), existsSync(alive)]).toEqual([false, true])
  expect(taken.map(({ message }) => message.events[0]?.note?.detail)).toEqual([
    { because: 'unfinished', manifest: null },
  ])
  expect(packageOf(folder, 'acme', first)).toBe(null)
})

test('two owners say it under one name, so that the log counts it once', async () => {
  await lay('a-b', second)
  const one = sweeping()
  await one.round(finishedAt + 8 * day)
  await lay('a-b', second)
  const other = sweeping()
  await other.round(finishedAt + 9 * day)
  expect(one.taken[0]?.id).toBe(`return-removed|a-b|${second}|1`)
  expect(other.taken[0]?.id).toBe(one.taken[0]?.id)
})

test('nothing else in the folder is touched', async () => {
  mkdirSync(join(folder, 'something'), { recursive: true })
  writeFileSync(join(folder, 'note.txt'), 'x')
  utimesSync(join(folder, 'note.txt'), 0, 0)
  const { round, taken } = sweeping()
  await round(finishedAt + 800 * day)
  expect([taken.length, readdirSync(folder).sort()]).toEqual([0, ['note.txt', 'something']])
})

test('what the log says was received is taken away; a name that is no request leads nowhere', async () => {
  const [directory, others] = [await lay('acme', first), await lay('other', first)]
  const outside = join(folder, '..', 'x'.repeat(22))
  mkdirSync(outside)
  const manifest = packageOf(folder, 'acme', first)?.manifestSha256 ?? ''
  const received = { because: 'received', manifest }
  const hear = async (tenant: string, action: string, request: string | null, detail: object = received) => {
    const note = { ...byItself, action, request, counts: {}, detail }
    const event = { clear: { kind: 'noted', tenant }, personal: null, note }
    const failures: string[] = []
    const applied = [{ event, outcomes: [event.clear], reply: { kind: 'done' } }] as never
    await hearReturns(folder, applied, () => failures.push(tenant))
    return failures
  }
  for (const request of [`../${'x'.repeat(22)}`, `/../../${'x'.repeat(22)}`, '', null, second])
    expect(await hear('acme', 'return-removed', request)).toEqual([])
  expect(await hear('acme', 'tenant-returned', first)).toEqual([])
  expect([directory, others, outside].map(path => existsSync(path))).toEqual([true, true, true])
  // Another owner never finished its own, or removed one with another manifest: this one may be the only one.
  await hear('acme', 'return-removed', first, { because: 'unfinished', manifest: null })
  await hear('acme', 'return-removed', first, { because: 'received', manifest: 'f'.repeat(64) })
  expect(existsSync(directory)).toBe(true)
  await hear('acme', 'return-removed', first)
  expect([directory, others].map(path => existsSync(path))).toEqual([false, true])
  const unfinished = await lay('acme', second, finishedAt, 'SHA256SUMS')
  await hear('acme', 'return-removed', second)
  expect(existsSync(unfinished)).toBe(true)
  await hear('acme', 'return-removed', second, { because: 'unfinished', manifest: null })
  expect(existsSync(unfinished)).toBe(false)
})

test('the package that was finished last is known, removed or not; no other tenant’s, and none that is no package', async () => {
  expect(lastPackageOf(folder, 'acme')).toBeNull()
  await lay('acme', second)
  const directory = await lay('acme', first, finishedAt + hour)
  await lay('acme', 'c'.repeat(22), finishedAt + 2 * hour, 'SHA256SUMS')
  await lay('acme-2', first, finishedAt + 3 * hour)
  expect(lastPackageOf(folder, 'acme')).toMatchObject({ atMs: finishedAt + hour, directory })
  await removePackage(folder, { tenant: 'acme', request: first }, finishedAt + day)
  expect(lastPackageOf(folder, 'acme')).toMatchObject({ atMs: finishedAt + hour, directory: null })
  expect(lastPackageOf(folder, 'other')).toBeNull()
})
