import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { keysTrouble } from '../keysKnown.ts'
import { openKeyStore } from './keyStore.ts'
import { makeGateway, rootKey, someMs } from './testKeys.ts'

// What the key store remembers of the data beside it, and what has to hold whatever data is put back.

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-seen-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)
const open = (name: string) => openKeyStore({ directory: at(name), rootKey })
const position = (sequence: number) => ({ sequence, log: 'log', mark: null })
const fact = (id: string, atMs = someMs) => ({ tenant: 'acme', id, atMs, bytes: Buffer.from(`of ${id}`) })
const ids = (facts: readonly { id: string }[]) => facts.map(({ id }) => id)

test('what was seen is on the disk with whatever is written next, and at the latest when it is asked for', async () => {
  const store = await open('seen')
  store.see(position(7), [{ tenant: 'acme', index: 3, hash: 'c' }])
  const gateway = makeGateway(store.intake())
  await store.take([gateway({ tenant: 'acme', name: 'v:anna' })])
  store.see(position(8), [{ tenant: 'other', index: 0, hash: 'o' }])
  await store.keepSeen()
  const { changes } = store
  const before = changes()
  await store.keepSeen()
  expect(changes()).toBe(before)
  store.see(position(9), [])
  await store.close()
  const again = await open('seen')
  expect(again.seenPosition()).toEqual(position(8))
  expect(again.seenEnds()).toEqual([
    { tenant: 'acme', index: 3, hash: 'c', highest: 3 },
    { tenant: 'other', index: 0, hash: 'o', highest: 0 },
  ])
  await again.close()
})

test('where data was put back, what a chain was stays known until it says so', async () => {
  const store = await open('restored')
  store.see(position(7), [{ tenant: 'acme', index: 9, hash: 'nine' }])
  const restored = { id: 'r', atMs: 1, untilMs: 0 }
  await store.markRestored(restored, position(2))
  store.see(position(3), [{ tenant: 'acme', index: 4, hash: 'four' }])
  await store.keepSeen()
  await store.close()
  const again = await open('restored')
  expect(again.seenPosition()).toEqual(position(3))
  expect(again.seenEnds()).toEqual([{ tenant: 'acme', index: 9, hash: 'nine', highest: 9, restored }])
  await again.saidRestored({ tenant: 'acme', index: 5, hash: 'five' })
  again.see(position(4), [{ tenant: 'acme', index: 6, hash: 'six' }])
  expect(again.seenEnds()).toEqual([{ tenant: 'acme', index: 6, hash: 'six', highest: 9 }])
  await again.close()
})

test('facts are noted once, given in their order from a change on, and end with the time or the tenant', async () => {
  const store = await open('facts')
  await store.noteFacts([fact('subject-b'), fact('subject-a', someMs + 5)])
  const known = store.changes()
  await store.noteFacts([fact('subject-b'), fact('key-1', someMs + 9), fact('subject-later', someMs + 9)])
  await store.close()
  const again = await open('facts')
  expect(ids(again.factsAfter(0).facts)).toEqual(['subject-b', 'subject-a', 'key-1', 'subject-later'])
  expect(ids(again.factsAfter(known).facts)).toEqual(['key-1', 'subject-later'])
  expect(String(again.factsAfter(known).facts[0]?.bytes)).toBe('of key-1')
  await again.forgetErasures(someMs + 1, 99)
  expect(ids(again.factsAfter(0).facts)).toEqual(['subject-a', 'key-1', 'subject-later'])
  await again.destroyFacts('acme', someMs + 5, id => id.startsWith('subject'))
  expect(ids(again.factsAfter(0).facts)).toEqual(['key-1', 'subject-later'])
  expect(again.factsAfter(0).lost).toBe(0)
  await again.close()
})

test('of an erasure it is kept what was said, as long as the erasure', async () => {
  const store = await open('given')
  await store.keepGiven('acme', 'nobody', Buffer.from('x'))
  await store.noteErasure('acme', 'r', ['v:anna'], someMs)
  await store.keepGiven('acme', 'r', Buffer.from('said'))
  expect(store.erasuresSince().map(({ given }) => String(given))).toEqual(['said'])
  await store.forgetErasures(someMs + 1, 99)
  await store.noteErasure('acme', 'r', ['v:anna'], someMs + 2)
  expect(store.erasuresSince()[0]?.given).toBeUndefined()
  await store.close()
})

test('data knows its keys: no store, another one and an older copy are not them', async () => {
  const store = await open('own')
  await store.noteFacts([fact('a')])
  await store.close()
  cpSync(at('own'), at('older'), { recursive: true })
  const later = await open('own')
  await later.noteFacts([fact('b')])
  const known = { store: later.identity, changes: later.changes() }
  expect(keysTrouble(known, later)).toBeNull()
  await later.noteFacts([fact('c')])
  expect(keysTrouble(known, later)).toBeNull()
  await later.close()
  const [older, other] = [await open('older'), await open('other')]
  expect([keysTrouble(known, older), keysTrouble(known, other)]).toEqual(['older', 'other'])
  expect([keysTrouble(known, null), keysTrouble(null, null), keysTrouble(null, other)]).toEqual([
    'empty',
    null,
    null,
  ])
  await older.close()
  await other.close()
})
