import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nextRecord } from '../../config/auditChain.ts'
import { openEnvironment, transact } from '../../config/lmdb.ts'
import { pack } from '../../config/pack.ts'
import { partitionOfTenant } from '../../config/partitions.ts'
import type { Note } from '../../core/audit.ts'
import type { VisitorId } from '../../core/words.ts'
import { openStore, type Position } from '../../workers/store.ts'
import { CannotAsk } from '../../workers/whatIf/record.ts'
import { replay } from '../../workers/whatIf/replay.ts'
import { sayRecordDoubts } from '../../workers/whatIf/replayReport.ts'
import { temporaryFolder } from '../system.ts'
import { makeRecord, partitions, tenant } from './folder.ts'
import { recordIn, silent } from './reading.ts'
import type { Tell } from './recordLife.ts'
import { minutes, nine, person } from './scene.ts'

/** What is not looked at, and what is refused. */
const folder = temporaryFolder()
const partition = partitionOfTenant(tenant, 0, partitions)
const visitorOf = (name: string) => `V${name}`.padEnd(22, '0') as VisitorId
let made = 0

async function recordOf(live: (tell: Tell) => void): Promise<string> {
  made += 1
  const pool = { numbers: ['+4570000001..+4570000009'] }
  const { dataDir } = await makeRecord(join(folder.path, String(made)), pool, { fromMs: nine, live })
  return dataDir
}

const two = (tell: Tell) => {
  for (const [place, name] of ['anna', 'ben'].entries()) {
    const one = person(tell, name)
    one.comes(minutes(place))
    one.rings(minutes(place + 2), name)
  }
}

let dataDir = ''
beforeAll(async () => {
  dataDir = await recordOf(two)
})
afterAll(() => folder.remove())

const configuredNote: Note = {
  ...{ action: 'configured', actor: 'system', role: 'system', subjects: [], request: null, purpose: null },
  ...{ counts: {}, detail: {} },
}

const visitorsIn = (events: Awaited<ReturnType<typeof recordIn>>['events']) =>
  events.flatMap(({ clear }) => ('visitor' in clear ? [clear.visitor] : []))

test('a time in which nothing is, a tenant that is not there and a folder without a store are said in a sentence', async () => {
  const later = { fromMs: minutes(600), toMs: minutes(700) }
  await expect(recordIn(dataDir, later)).rejects.toThrow(
    'Of tenant acme no visit and no call is on record in that time.',
  )
  await expect(recordIn(dataDir, { fromMs: minutes(3.5), toMs: minutes(3.6) })).rejects.toThrow(CannotAsk)
  // Tenants of the same partition, of which one has nothing here.
  const stranger = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].find(
    name => partitionOfTenant(name, 0, partitions) === partition,
  )
  await expect(recordIn(dataDir, { tenant: stranger ?? '' })).rejects.toThrow(/nothing is on record here/)
  await expect(recordIn(join(folder.path, 'none'))).rejects.toThrow(/There is no store in .* ask there/)
})

test('a store of a newer format is refused, and is as it was', async () => {
  const newer = await recordOf(two)
  const root = openEnvironment<(string | number)[]>(join(newer, 'partitions', `00${partition}`))
  root.putSync(['meta', 'format'], pack(99))
  await root.close()
  await expect(recordIn(newer)).rejects.toThrow(/has format 99; this version of Ringtrail reads up to/)
})

test('people who are restricted, and what a withdrawal cut, are no part of it', async () => {
  const restricted = await recordOf(tell => {
    two(tell)
    const subjects = { tenant, request: 'r'.repeat(22), visitors: [visitorOf('anna')], callers: [] }
    tell(minutes(5), { kind: 'subject-restricted', mode: 'restricted', ...subjects })
  })
  const record = await recordIn(restricted)
  expect(visitorsIn(record.events)).toEqual([visitorOf('ben')])
  expect([...record.sessions.values()].map(({ visitor }) => visitor)).toEqual([visitorOf('ben')])
  expect([...record.calls.values()].map(({ call }) => call)).toEqual(['ben'])
  expect(record.leftOut).toEqual({ events: 1, calls: 1 })
  expect(sayRecordDoubts(record)[0]).toMatch(/^Left out: 1 events and 1 calls of people/)
  const same = await replay(record, { policy: record.policy, version: record.policyVersion }, silent)
  expect(same).toMatchObject({ calls: 1, differing: [] })
  expect([...same.notAsRecorded]).toEqual([])
})

test('rows of somebody who was erased are not looked at, although they have not left yet', async () => {
  const erased = await recordOf(two)
  const store = openStore(erased, partition)
  const names = [`v:${visitorOf('anna')}`]
  const erasure = { tenant, request: 'x', names, atMs: minutes(9), sequence: 1_000, intakeGoneAt: null }
  await store.putErasure({ tenant, request: 'x', bytes: pack(erasure) })
  await store.close()
  const record = await recordIn(erased)
  expect(visitorsIn(record.events)).toEqual([visitorOf('ben')])
  expect(record.leftOut.events).toBe(1)
})

test('a backup that lacks an erasure is refused until the system has erased again', async () => {
  const backup = await recordOf(two)
  const path = join(backup, 'keys', `00${partition}`, 'keys')
  mkdirSync(path, { recursive: true })
  const keys = openEnvironment<(string | number)[]>(path)
  await transact(keys, changes => changes.put(['erasure', tenant, 'x'], pack({ slot: 0 })))
  await keys.close()
  await expect(recordIn(backup)).rejects.toThrow(/it is a backup that was put back/)
  const store = openStore(backup, partition)
  const done = { tenant, request: 'x', names: [], atMs: 0, sequence: 0, intakeGoneAt: 1, rowsGoneAt: 1 }
  await store.putErasure({ tenant, request: 'x', bytes: pack(done) })
  await store.close()
  expect((await recordIn(backup)).calls.size).toBe(2)
})

test('that the policy was changed on the way is said, and when: the one in force now is taken for all of it', async () => {
  const changed = await recordOf(two)
  expect(sayRecordDoubts(await recordIn(changed))).toEqual([])
  const store = openStore(changed, partition)
  const position = store.position() as Position
  const facts = { atMs: minutes(1.5), partition, sequence: position.sequence, note: configuredNote }
  const nothing = { rows: [], access: [], history: [], erasures: [], breaches: [], rectifications: [] }
  const audit = [nextRecord(null, { tenant, ...facts })]
  await store.commit({ ...nothing, audit, position, expected: position.sequence })
  await store.close()
  const record = await recordIn(changed)
  expect(record.policyChanges).toEqual([minutes(1.5)])
  expect(sayRecordDoubts({ ...record, rules: 0 })).toEqual([
    expect.stringMatching(
      /^The policy was changed once in this time, last at 2026-03-02T09:01:30\.000Z\. The one in force now/,
    ),
    expect.stringMatching(/^The record was made by version 0 of the rules; here version \d is applied\.$/),
  ])
})

test('of a shorter time what leads up to it is looked at, and not counted', async () => {
  const span = { fromMs: minutes(2.5), toMs: minutes(9), leadMs: () => 60 * 60_000 }
  const record = await recordIn(dataDir, span)
  expect([record.events.length, record.calls.size]).toEqual([4, 2])
  const { calls } = await replay(record, { policy: record.policy, version: record.policyVersion }, silent)
  expect(calls).toBe(1)
})
