import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openEnvironment, transact } from '../../config/lmdb.ts'
import { blockKeys, type Key, pageKeys } from './ground.ts'
import { type KeyStore, openKeyStore } from './keyStore.ts'
import { idFor, makeGateway, rootKey, secretFor, subjects } from './testKeys.ts'

// Of whom is erased the blocks get other keys, one after the other, while all else goes on.

const blocks = 4
const all = blocks * blockKeys
/** One in each block. */
const oneOfEach = Array.from({ length: blocks }, (_, block) => 7 + block * blockKeys)

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-erase-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function filled(name: string) {
  const directory = join(folder, name)
  const store = await openKeyStore({ directory, rootKey })
  const gateway = makeGateway(store.intake())
  for (let from = 0; from < all; from += blockKeys)
    await store.take(subjects('acme', from, from + blockKeys).map(gateway))
  return { directory, store, gateway }
}

/** Numbers of those whose key does not open, or opens as another. */
function without({ subjectKey }: Pick<KeyStore, 'subjectKey'>, from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index).filter(number => {
    const id = idFor('acme', `v:visitor-${number}`)
    return !subjectKey(id)?.secret.equals(secretFor(id))
  })
}
const erasing = (store: KeyStore, ...numbers: number[]) =>
  store.eraseSubjects([{ tenant: 'acme', names: numbers.map(number => `v:visitor-${number}`) }])

test('keys that come meanwhile are taken between, and whoever stays can be opened at every moment', async () => {
  const { store, gateway } = await filled('between')
  let isUnderWay = true
  const erased = erasing(store, ...oneOfEach).then(ids => {
    isUnderWay = false
    expect(ids).toHaveLength(blocks)
  })
  let taken = all
  // Between any two steps of the store, and not only between its turns: some of each block.
  let looks = 0
  const looking = (async () => {
    for (; isUnderWay; looks++) {
      const some = oneOfEach.map(number => number + 1 + (looks % 900))
      expect(some.flatMap(number => without(store, number, number + 1))).toEqual([])
      await new Promise(resolve => setImmediate(resolve))
    }
  })()
  while (isUnderWay) {
    await store.take(subjects('acme', taken, taken + 1).map(gateway))
    taken += 1
  }
  await looking
  expect(looks).toBeGreaterThan(10 * blocks)
  await erased
  expect(taken - all).toBeGreaterThanOrEqual(blocks)
  expect(without(store, 0, taken)).toEqual(oneOfEach)
  await store.close()
})

test('whoever stays, stays where they are', async () => {
  const { store } = await filled('place')
  expect(store.inventory().blocks).toBe(blocks)
  await erasing(store, ...oneOfEach)
  expect(store.inventory().blocks).toBe(blocks)
  expect(store.inventory().tenants.get('acme')?.subjectKeys).toBe(all - blocks)
  await store.close()
})

test('a block that was not full takes more keys after an erasure, and none twice in a place', async () => {
  const { store, gateway } = await filled('open')
  await store.take(subjects('acme', all, all + 20).map(gateway))
  await erasing(store, all + 3, all + 19)
  await store.take(subjects('acme', all + 20, all + 40).map(gateway))
  expect(store.inventory().blocks).toBe(blocks + 1)
  expect(without(store, 0, all + 40)).toEqual([all + 3, all + 19])
  await store.close()
})

test('several that are asked for at once, of the same blocks, leave nobody behind and nobody out', async () => {
  const { directory, store } = await filled('several')
  const done = await Promise.all([erasing(store, 7, 2_000), erasing(store, 9, 2_001), erasing(store, 11, 7)])
  expect(done.flat()).toHaveLength(5)
  expect(without(store, 0, all)).toEqual([7, 9, 11, 2_000, 2_001])
  await store.close()
  const again = await openKeyStore({ directory, rootKey })
  expect(without(again, 0, all)).toEqual([7, 9, 11, 2_000, 2_001])
  await again.close()
})

test('one that was cut short goes on when it is asked for again', async () => {
  const { directory, store, gateway } = await filled('cut')
  const cut = erasing(store, ...oneOfEach)
  const failed = expect(cut).rejects.toThrow()
  // It waits for the first step of the erasure, and comes before the last.
  await store.take(subjects('acme', all, all + 1).map(gateway))
  await store.take(subjects('acme', all + 1, all + 2).map(gateway))
  await store.close()
  await failed
  const again = await openKeyStore({ directory, rootKey })
  const left = oneOfEach.length - without(again, 0, all).length
  expect(left).toBeGreaterThan(0)
  expect(await erasing(again, ...oneOfEach)).toHaveLength(left)
  expect(without(again, 0, all + 2)).toEqual(oneOfEach)
  await again.close()
})

test('keys of others that do not open, and so go with somebody of their block, are said', async () => {
  const { directory, store } = await filled('damaged')
  await store.close()
  const rows = openEnvironment<Key>(join(directory, 'keys'))
  const [page] = [...rows.getRange({ start: ['key', 1, 1], end: ['key', 1, 2] })]
  if (page === undefined) throw new Error('there is no such page')
  const damaged = Buffer.from(page.value)
  damaged[damaged.length - 1] = 255 - (damaged.at(-1) as number)
  await transact(rows, changes => changes.put(page.key, damaged))
  await rows.close()
  const said: number[] = []
  const again = await openKeyStore({ directory, rootKey, keysLost: count => void said.push(count) })
  const lost = without(again, 0, all)
  await erasing(again, blockKeys + 1)
  expect([lost.length, said]).toEqual([pageKeys, []])
  await erasing(again, 1)
  expect(said).toEqual([pageKeys])
  await again.close()
})

test('a tenant that ends meanwhile takes the blocks along', async () => {
  const { directory, store } = await filled('ends')
  const [erased, ended] = [erasing(store, ...oneOfEach), store.destroyTenant('acme')]
  await ended
  await erased
  expect(without(store, 0, all)).toHaveLength(all)
  await store.close()
  const again = await openKeyStore({ directory, rootKey })
  expect(again.inventory().blocks).toBe(0)
  await again.close()
})
