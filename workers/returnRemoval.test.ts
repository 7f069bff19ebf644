import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordsOf } from '../config/export/assemble.ts'
import { annasHistory } from '../config/export/goldenHistory.ts'
import { writePackage } from '../config/export/makePackage.ts'
import { head } from '../config/export/testHead.ts'
import { unpack } from '../config/pack.ts'
import type { LogMessage } from '../core/wire/log.ts'
import { subjects } from '../core/wire/subjects.ts'
import { packageOf } from './returnFolder.ts'
import { createReturnsBegun, removeBegunBefore } from './returnRemoval.ts'

const [first, second, third] = ['a', 'b', 'c'].map(letter => letter.repeat(22)) as [string, string, string]

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-removal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function lay(tenant: string, request: string, lacks?: string): Promise<string> {
  const directory = join(folder, `${tenant}-${request}`)
  await writePackage(directory, { ...head, tenant, request }, recordsOf(annasHistory, 'everyone'))
  if (lacks !== undefined) rmSync(join(directory, lacks))
  return directory
}

function partitionWith() {
  const log = { isAway: false, taken: [] as { subject: string; id: string; message: LogMessage }[] }
  const store = async (subject: string, data: Uint8Array, id: string) => {
    if (log.isAway) throw new Error('the log is away')
    log.taken.push({ subject, id, message: unpack(data) as LogMessage })
    return { sequence: log.taken.length } as never
  }
  const returnsBegun = createReturnsBegun()
  return { log, partition: { link: { store } as never, number: 3, returnsDir: folder, returnsBegun } }
}

test('what was begun before an erasure goes, whole or not, each after its record; what was begun later stays', async () => {
  const [old, unknown, later, others] = [
    await lay('acme', first),
    await lay('acme', second, 'SHA256SUMS'),
    await lay('acme', third),
    await lay('other', first),
  ]
  const { log, partition } = partitionWith()
  const { manifestSha256 } = packageOf(folder, 'acme', first) ?? {}
  partition.returnsBegun.begin({ tenant: 'acme', request: first }, 99)
  partition.returnsBegun.begin({ tenant: 'acme', request: third }, 100)
  await removeBegunBefore(partition, 'acme', 100)
  expect([old, unknown, later, others].map(path => existsSync(path))).toEqual([false, false, true, true])
  const said = log.taken.map(({ subject, message }) => [subject, message.events[0]?.note])
  const note = { action: 'return-removed', actor: 'system', subjects: [] }
  const [unfinished, whole] = [
    { counts: {}, detail: { because: 'erasure', manifest: null } },
    { counts: { records: 8 }, detail: { because: 'erasure', manifest: manifestSha256 } },
  ]
  // In the order in which they were begun; of one it is not known any more.
  expect(said).toMatchObject([
    [subjects.log(3), { ...note, request: second, ...unfinished }],
    [subjects.log(3), { ...note, request: first, ...whole }],
  ])
  expect(packageOf(folder, 'acme', first)).toMatchObject({ manifestSha256, directory: null })
})

test('whoever is writing one that is taken away fails by it, and nothing of it stays', async () => {
  const { partition } = partitionWith()
  async function* slowly() {
    for (const [place, one] of [...recordsOf(annasHistory, 'everyone')].entries()) {
      if (place === 3) await removeBegunBefore(partition, 'acme', 100)
      yield one
    }
  }
  const directory = join(folder, `acme-${first}`)
  const written = writePackage(directory, { ...head, tenant: 'acme', request: first }, slowly())
  await expect(written).rejects.toThrow('ENOENT')
  expect(existsSync(directory)).toBe(false)
})

test('where the log does not take the record the package stays, and whoever asked hears of it', async () => {
  const directory = await lay('acme', first)
  const { log, partition } = partitionWith()
  log.isAway = true
  await expect(removeBegunBefore(partition, 'acme', 100)).rejects.toThrow('away')
  expect(existsSync(directory)).toBe(true)
  log.isAway = false
  await removeBegunBefore(partition, 'acme', 100)
  expect(existsSync(directory)).toBe(false)
})

test('of packages whose begin is not known any more it is taken to be before any erasure', () => {
  const begun = createReturnsBegun()
  for (let number = 0; number < 1_025; number += 1) begun.begin({ tenant: 'acme', request: `${number}` }, 7)
  const known = ['0', '1', '1024'].map(request => begun.knownAt({ tenant: 'acme', request }))
  expect(known).toEqual([0, 7, 7])
})
