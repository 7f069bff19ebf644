import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { pack } from '../../config/pack.ts'
import type { CallRecord } from '../../core/outcome.ts'
import { changedSince } from '../changeList.ts'
import { openStore, type Commit, type Store } from '../store.ts'
import { createPartitionCalls, makeRoom, type PartitionCalls } from './partitionCalls.ts'
import { matchWith, recordWith } from './testRecords.ts'

let folder: string
let store: Store
let calls: PartitionCalls
let sequence: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-'))
  store = openStore(folder, 0)
  calls = createPartitionCalls(folder, 0)
  sequence = 0
})
afterEach(async () => {
  await calls.close()
  await store.close()
  rmSync(folder, { recursive: true })
})

const nothing = { access: [], history: [], erasures: [], rectifications: [], audit: [], breaches: [] }

async function commit(rows: Commit['rows']): Promise<void> {
  const expected = sequence
  sequence += 1
  await store.commit({ ...nothing, rows, expected, position: { sequence, rules: 1, log: 'log', mark: null } })
}

const policyOf = (tenant: string) => ({
  ...{ table: 'policies', key: tenant },
  bytes: pack({ version: '1', policy: { tenant, retentionMs: 60 * 86_400_000, calls: {} } }),
})
const callOf = (tenant: string, call: string, more: Partial<Record<keyof CallRecord, unknown>> = {}) => ({
  ...{ table: 'calls', key: `${tenant} generic ${call}` },
  bytes: pack(recordWith({ call, ...more })),
})
const gone = (table: string, key: string) => ({ table, key, bytes: null })

function readAll(): void {
  while (calls.readOn());
}

/** The tenant's calls in their order, a star where it is restricted; or why there are none. */
function shown(tenant = 'acme'): string[] | string {
  calls.keepUp()
  const found = calls.find(tenant)
  if (typeof found === 'string') return found
  const { table } = found
  table.settle()
  return [...table.order].map(slot => {
    const isRestricted = ((table.columns.flags[slot] as number) & 8) !== 0
    return `${table.keyOf(slot).slice(8)}${isRestricted ? '*' : ''}`
  })
}

test('what was there is read a little at a time, and what is committed meanwhile with it', async () => {
  const many = Array.from({ length: 600 }, (_, number) =>
    callOf('acme', `c${1_000 + number}`, { rangAt: number }),
  )
  await commit([policyOf('acme'), policyOf('acme2'), ...many, callOf('acme2', 'other')])
  expect(calls.readOn()).toBe(true)
  await commit([callOf('acme', 'c1599', { rangAt: 5_000 }), gone('calls', 'acme generic c1001')])
  readAll()
  const all = shown()
  expect(all).toHaveLength(599)
  expect([all[0], all[1], all.at(-1)]).toEqual(['c1000', 'c1002', 'c1599'])
  expect(shown('acme2')).toEqual(['other'])
})

test('who is restricted is marked at once, in old calls and new ones, until it is lifted', async () => {
  const of = (visitor: string) => ({ match: matchWith({ visitor }) })
  await commit([policyOf('acme'), callOf('acme', 'c1', of('anna')), callOf('acme', 'c2', of('bert'))])
  readAll()
  await commit([{ table: 'restricted', key: 'acme v:anna', bytes: pack({ mode: 'restricted' }) }])
  await commit([callOf('acme', 'c3', of('anna')), callOf('acme', 'c4', { ...of('bert'), a: 'caller' })])
  expect(shown()).toEqual(['c1*', 'c2', 'c3*', 'c4'])
  await commit([{ table: 'restricted', key: 'acme c:caller', bytes: pack({ mode: 'objected' }) }])
  expect(shown()).toEqual(['c1*', 'c2', 'c3*', 'c4*'])
  await commit([gone('restricted', 'acme v:anna'), gone('restricted', 'acme c:caller')])
  expect(shown()).toEqual(['c1', 'c2', 'c3', 'c4'])
})

test('a tenant that has ended is unknown at once, whatever of its rows is left', async () => {
  await commit([policyOf('acme'), policyOf('other'), callOf('acme', 'c1'), callOf('other', 'c2')])
  readAll()
  await commit([gone('policies', 'acme')])
  expect(shown()).toBe('unknown')
  readAll()
  expect(shown('other')).toEqual(['c2'])
  await commit([policyOf('acme')])
  await commit([gone('calls', 'acme generic c1'), callOf('acme', 'c9')])
  readAll()
  expect(shown()).toEqual(['c9'])
})

test('who is further behind than the list of changes reads all anew', async () => {
  await commit([policyOf('acme'), callOf('acme', 'first')])
  readAll()
  const known = sequence
  for (let call = 0; call < 1_100; call++) await commit([callOf('acme', `c${call}`, { rangAt: call })])
  await commit([gone('calls', 'acme generic first')])
  const rows = calls.keepUp()
  expect(rows === null || changedSince(rows, known + 1)).toBeNull()
  readAll()
  expect(shown()).toHaveLength(1_100)
})

test('a compacted store is followed, and the file before it is let go', async () => {
  await commit([policyOf('acme'), callOf('acme', 'c1')])
  readAll()
  await store.compact()
  await commit([callOf('acme', 'c2')])
  expect(shown()).toEqual(['c1', 'c2'])
  // It closes by itself, and the store has closed it already.
  while (deletedFiles().length > 0) await new Promise(resolve => setImmediate(resolve))
})

/** Files of ours that are open and have no name any more. */
function deletedFiles(): string[] {
  const open = readdirSync('/proc/self/fd').map(name => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`)
    } catch {
      return ''
    }
  })
  return open.filter(path => path.startsWith(folder) && path.endsWith('(deleted)'))
}

test('where there is no room for all, the tenant with the most calls is told so', async () => {
  await commit([
    policyOf('acme'),
    policyOf('other'),
    callOf('acme', 'c1'),
    callOf('acme', 'c2'),
    callOf('other', 'c3'),
  ])
  readAll()
  makeRoom([calls], 3)
  expect([shown(), shown('other')]).toEqual([['c1', 'c2'], ['c3']])
  makeRoom([calls], 2)
  expect([shown(), shown('other')]).toEqual(['too-many', ['c3']])
})

test('a small tenant is answered, whichever partition was read last', async () => {
  const small = openStore(folder, 1)
  const few = createPartitionCalls(folder, 1)
  const rows = [policyOf('small'), callOf('small', 'c1')]
  const position = { sequence: 1, rules: 1, log: 'log', mark: null }
  await small.commit({ ...nothing, rows, expected: 0, position })
  await commit([policyOf('acme'), callOf('acme', 'c1'), callOf('acme', 'c2')])
  readAll()
  while (few.readOn());
  makeRoom([few, calls], 2)
  expect([calls.find('acme'), few.calls()]).toEqual(['too-many', 1])
  await few.close()
  await small.close()
})

test('who looks before the owner does takes nothing away from it', async () => {
  await commit([policyOf('acme'), callOf('acme', 'c1')])
  await store.close()
  calls.keepUp()
  readAll()
  store = openStore(folder, 0)
  await commit([callOf('acme', 'c2')])
  expect(shown()).toEqual(['c1', 'c2'])
})
