import { expect, test } from 'vitest'
import { storeNames, type StoreState } from '../core/receipt.ts'
import type { NoteFacts } from './adminRoute.ts'
import { createIssuing } from './issuing.ts'

const [at, due] = ['2026-09-01T00:00:00Z', '2026-09-09T00:00:00Z']
const unsealed = ['state', 'results']
const statesAs = (state: (store: string) => StoreState['state']) =>
  storeNames.map(store => ({ store, state: state(store), at, due }))
const underWay = statesAs(store => (store === 'keys' ? 'undecryptable' : 'unused'))
const unreadable = statesAs(store => (unsealed.includes(store) ? 'unused' : 'undecryptable'))
const gone = statesAs(store => (['backups', 'outbox'].includes(store) ? 'undecryptable' : 'bytes-gone'))

test('what a receipt certifies is recorded once, however often it is asked for', async () => {
  const issuing = createIssuing()
  const noted: NoteFacts[] = []
  const note = async (facts: NoteFacts) => {
    noted.push(facts)
    return null
  }
  const asked = { place: { tenant: 'acme', partition: 0 }, note }
  for (const states of [underWay, unreadable, unreadable, gone, gone])
    expect(await issuing(asked, { kind: 'erasure-receipt', request: 'r-1', states })).toBeNull()
  await issuing(asked, { kind: 'erasure-receipt', request: 'r-2', states: unreadable })
  expect(noted.map(({ action, request, detail }) => [action, request, detail?.standing])).toEqual([
    ['receipt-made', 'r-1', 'undecryptable'],
    ['receipt-made', 'r-1', 'bytes-gone'],
    ['receipt-made', 'r-2', 'undecryptable'],
  ])
})

test('what could not be recorded is not issued, and is recorded when it is asked for again', async () => {
  const issuing = createIssuing()
  const place = { tenant: 'acme', partition: 0 }
  const receipt = { kind: 'deletion-certificate', request: 'r', states: unreadable } as const
  expect(await issuing({ place, note: async () => 'not-now' }, receipt)).toBe('not-now')
  let noted = 0
  const note = async () => {
    noted += 1
    return null
  }
  expect(await issuing({ place, note }, receipt)).toBeNull()
  expect(noted).toBe(1)
})
