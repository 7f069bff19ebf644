import { expect, test } from 'vitest'
import type { Erasure } from './erasures.ts'
import { statesOf } from './receipt.ts'

const asked: Erasure = {
  ...{ tenant: 'acme', request: 'r', names: ['v:anna'], subjects: ['reference'], atMs: 1_000, sequence: 1 },
  ...{ rowsGoneAt: null, keysGoneAt: null, intakeRotatedAt: null, intakeGoneAt: null, streams: null },
  ...{ outboxGoneAt: null, bytesGoneAt: null, rows: 0, keyIds: [] },
}
const statesAs = (more: Partial<Erasure>, madeAt = 0) =>
  Object.fromEntries(
    statesOf({ ...asked, ...more }, madeAt, madeAt).map(({ store, state }) => [store, state]),
  )

test('of the bytes in backups and outboxes nothing is promised', () => {
  const dues = Object.fromEntries(statesOf(asked, 0, 0).map(({ store, due }) => [store, due]))
  const { backups, outbox, ...others } = dues
  expect([backups, outbox]).toEqual([null, null])
  expect(new Set(Object.values(others))).toEqual(new Set(['1970-01-09T00:00:01.000Z']))
})

const keysGone = { rowsGoneAt: 2_000, keysGoneAt: 3_000 }

test('as long as the log’s copies of the keys can be opened, only the key store says that it can no longer be read', () => {
  const said = statesAs(keysGone)
  expect(said).toMatchObject({ keys: 'undecryptable', index: 'unused', log: 'unused', outbox: 'unused' })
  expect(said).toMatchObject({ 'intake keys': 'pending', backups: 'pending' })
  const after = statesAs({ ...keysGone, intakeRotatedAt: 4_000, intakeGoneAt: 5_000 })
  for (const store of ['keys', 'index', 'log', 'outbox', 'intake keys', 'backups'])
    expect(after[store], store).toBe('undecryptable')
})

test('of return packages it says that they are gone when they are, and nothing where nothing was done about them', () => {
  expect(statesAs({})).not.toHaveProperty('returns')
  expect(statesAs({ returnsGoneAt: null })).toMatchObject({ returns: 'pending' })
  expect(statesAs({ returnsGoneAt: 1_200 })).toMatchObject({ returns: 'bytes-gone', state: 'unused' })
})

test('bytes are gone from a file that was made after what was in it had gone, and from no other', () => {
  const gone = { ...keysGone, intakeRotatedAt: 4_000, intakeGoneAt: 5_000 }
  expect(statesAs(gone, 2_500)).toMatchObject({ state: 'bytes-gone', index: 'bytes-gone' })
  expect(statesAs(gone, 2_500)).toMatchObject({ keys: 'undecryptable', log: 'undecryptable' })
  expect(statesAs(gone, 6_000)).toMatchObject({ keys: 'bytes-gone', log: 'undecryptable', results: 'unused' })
  // A backup is not ours to write anew, and an outbox may be elsewhere.
  const all = statesAs({ ...gone, bytesGoneAt: 7_000 }, 6_000)
  expect(all).toMatchObject({ log: 'bytes-gone', outbox: 'undecryptable', backups: 'undecryptable' })
})
