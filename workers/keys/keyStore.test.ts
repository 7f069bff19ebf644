import { mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type KeyStore, openKeyStore } from './keyStore.ts'
import { idFor, makeGateway, rootKey, secretFor, someMs, subjects } from './testKeys.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-keys-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let made = 0
const newDirectory = () => join(folder, String(++made))
const open = (directory: string) => openKeyStore({ directory, rootKey })
const isHere = (store: KeyStore, tenant: string, name: string) =>
  store.subjectKey(idFor(tenant, name)) !== null
const hour = 3_600_000

test('keys are taken once, found by id and by name, and still there after opening again', async () => {
  const directory = newDirectory()
  const store = await open(directory)
  const gateway = makeGateway(store.intake())
  const keys = [
    gateway({ tenant: 'acme', name: 'v:anna' }),
    gateway({ tenant: 'acme', name: 'v:anna', again: 1 }),
    gateway({ tenant: 'other', name: 'v:anna' }),
    gateway({ tenant: 'acme', name: 'retention', of: 'period', lastsMs: hour }),
  ]
  expect(await store.take([...keys, ...keys.slice(0, 1)])).toEqual({
    taken: 4,
    known: 1,
    unreadable: 0,
    refused: 0,
  })
  expect(await store.take(keys)).toEqual({ taken: 0, known: 4, unreadable: 0, refused: 0 })
  const check = (here: KeyStore) => {
    const id = idFor('acme', 'v:anna', 1)
    expect(here.subjectKey(id)).toEqual({ tenant: 'acme', name: 'v:anna', secret: secretFor(id) })
    const period = idFor('acme', 'retention')
    expect(here.periodKey(period)).toEqual({ tenant: 'acme', name: 'retention', secret: secretFor(period) })
    expect(here.subjectKey(period)).toBe(null)
    expect(here.periodKey(id)).toBe(null)
    expect(new Set(here.idsOf('acme', 'v:anna'))).toEqual(new Set([idFor('acme', 'v:anna'), id]))
    expect(here.idsOf('acme', 'v:nobody')).toEqual([])
    const { tenants, ...rest } = here.inventory()
    expect(Object.fromEntries(tenants)).toEqual({
      acme: { subjectKeys: 2, periodKeys: 1, oldestPeriodUntilMs: someMs + hour },
      other: { subjectKeys: 1, periodKeys: 0, oldestPeriodUntilMs: null },
    })
    expect(rest).toEqual({ blocks: 2, intake: [here.intake().id], erasedIds: 0 })
  }
  check(store)
  await store.close()
  const again = await open(directory)
  check(again)
  await again.close()
  expect(statSync(directory).mode & 0o777).toBe(0o700)
})

test('what is wrapped for another, for another id, or damaged is counted and passed over', async () => {
  const store = await open(newDirectory())
  const other = await open(newDirectory())
  const gateway = makeGateway(store.intake())
  const one = gateway({ tenant: 'acme', name: 'v:one' })
  const two = gateway({ tenant: 'acme', name: 'v:two' })
  const swapped = { ...one, key: { ...one.key, wraps: two.key.wraps } }
  const lowOrder = one.key.wraps.map(each => ({ ...each, from: new Uint8Array(32) }))
  const short = one.key.wraps.map(each => ({ ...each, from: new Uint8Array(5), bytes: new Uint8Array(3) }))
  const bad = [
    swapped,
    ...[lowOrder, short, []].map(wraps => ({ ...one, key: { ...one.key, wraps } })),
    { ...one, key: { ...one.key, id: new Uint8Array(3) } },
    makeGateway(other.intake())({ tenant: 'acme', name: 'v:one' }),
  ]
  expect(await store.take(bad)).toEqual({ taken: 0, known: 0, unreadable: 6, refused: 0 })
  // Of several wraps, the one for this owner is found.
  const both = { ...one, key: { ...one.key, wraps: [...lowOrder, ...one.key.wraps] } }
  expect((await store.take([both])).taken).toBe(1)
  await store.close()
  await other.close()
})

test('an erasure takes all keys of its subjects, and nobody else’s, over blocks and tenants', async () => {
  const directory = newDirectory()
  const store = await open(directory)
  const gateway = makeGateway(store.intake())
  await store.take([...subjects('acme', 0, 2_500), ...subjects('other', 0, 10)].map(gateway))
  await store.take([gateway({ tenant: 'acme', name: 'v:visitor-7', again: 1 })])
  expect(store.inventory().blocks).toBe(4)
  const gone = ['v:visitor-7', 'v:visitor-8', 'v:visitor-2400']
  const ids = await store.eraseSubjects([
    { tenant: 'acme', names: [...gone, 'v:visitor-8', 'v:nobody'] },
    { tenant: 'none', names: gone },
  ])
  const expected = [...gone.map(name => idFor('acme', name)), idFor('acme', 'v:visitor-7', 1)]
  expect(new Set(ids)).toEqual(new Set(expected))
  const check = (here: KeyStore) => {
    const left = subjects('acme', 0, 2_500).filter(({ name }) => !gone.includes(name))
    for (const { name } of left) {
      const id = idFor('acme', name)
      expect(here.subjectKey(id)).toEqual({ tenant: 'acme', name, secret: secretFor(id) })
    }
    for (const id of expected) expect(here.subjectKey(id)).toBe(null)
    for (const name of gone) expect(here.idsOf('acme', name)).toEqual([])
    expect(gone.map(name => isHere(here, 'other', name))).toEqual([true, true, false])
    expect(here.inventory().tenants.get('acme')?.subjectKeys).toBe(2_497)
    expect(here.inventory().erasedIds).toBe(4)
  }
  check(store)
  // The log is read again: nothing of it comes back.
  const again = [...gone.map(name => ({ tenant: 'acme', name })), { tenant: 'acme', name: 'v:visitor-1' }]
  expect(await store.take(again.map(gateway))).toEqual({ taken: 0, known: 1, unreadable: 0, refused: 3 })
  // The person may come back, with a new key.
  expect((await store.take([gateway({ tenant: 'acme', name: 'v:visitor-7', again: 2 })])).taken).toBe(1)
  expect(await store.eraseSubjects([{ tenant: 'acme', names: ['v:visitor-7'] }])).toHaveLength(1)
  expect(await store.eraseSubjects([{ tenant: 'acme', names: ['v:visitor-7'] }])).toEqual([])
  await store.close()
  const opened = await open(directory)
  expect(opened.inventory().erasedIds).toBe(5)
  expect(opened.subjectKey(idFor('acme', 'v:visitor-9'))).not.toBe(null)
  await opened.close()
})

test('a pair that is replaced still opens what it was used for, until it is destroyed', async () => {
  const directory = newDirectory()
  const store = await open(directory)
  const first = store.intake()
  const old = makeGateway(first)
  await store.rotateIntake(1_000)
  expect(store.intake().id).not.toEqual(first.id)
  expect((await store.take([old({ tenant: 'acme', name: 'v:one' })])).taken).toBe(1)
  expect((await store.take([makeGateway(store.intake())({ tenant: 'acme', name: 'v:two' })])).taken).toBe(1)
  expect(store.inventory().intake).toHaveLength(2)
  expect(await store.destroyOldIntake(1_000)).toEqual({ ids: [first.id] })
  expect(await store.destroyOldIntake(1_000)).toEqual({ ids: [] })
  expect((await store.take([old({ tenant: 'acme', name: 'v:three' })])).unreadable).toBe(1)
  expect(isHere(store, 'acme', 'v:one')).toBe(true)
  const { id } = store.intake()
  await store.close()
  const again = await open(directory)
  expect(again.intake().id).toEqual(id)
  await again.close()
})

test('a pair is destroyed by when it was replaced, also after a restart', async () => {
  const directory = newDirectory()
  const store = await open(directory)
  const first = store.intake()
  await store.rotateIntake(1_000)
  const second = store.intake()
  await store.rotateIntake(2_000)
  const third = store.intake()
  expect(await store.destroyOldIntake(999)).toEqual({ ids: [] })
  expect(await store.destroyOldIntake(1_999)).toEqual({ ids: [first.id] })
  await store.close()
  const again = await open(directory)
  expect(await again.destroyOldIntake(1_999)).toEqual({ ids: [] })
  expect(await again.destroyOldIntake(2_000)).toEqual({ ids: [second.id] })
  expect(await again.destroyOldIntake(Number.MAX_SAFE_INTEGER)).toEqual({ ids: [] })
  expect(again.intake().id).toEqual(third.id)
  await again.close()
})

test('periods are destroyed when they are over, and do not come back', async () => {
  const directory = newDirectory()
  const store = await open(directory)
  const gateway = makeGateway(store.intake())
  const period = (name: string, lastsMs: number) => gateway({ tenant: 'acme', name, of: 'period', lastsMs })
  await store.take([period('retention', 3 * hour), period('email', hour), period('phone', 2 * hour)])
  const until = (hours: number) => someMs + hours * hour
  expect([...store.nextPeriods()].map(({ name, untilMs }) => [name, untilMs])).toEqual([
    ['email', until(1)],
    ['phone', until(2)],
    ['retention', until(3)],
  ])
  const { destroyed } = await store.destroyPeriods(({ untilMs }) => untilMs <= until(2))
  expect(destroyed).toEqual(
    ['email', 'phone'].map(name => ({ tenant: 'acme', name, id: idFor('acme', name) })),
  )
  expect(store.periodKey(idFor('acme', 'email'))).toBe(null)
  expect(store.periodKey(idFor('acme', 'retention'))).not.toBe(null)
  expect(await store.take([period('email', hour)])).toEqual({ taken: 0, known: 0, unreadable: 0, refused: 1 })
  await store.close()
  const again = await open(directory)
  expect([...again.nextPeriods()].map(({ name }) => name)).toEqual(['retention'])
  expect(again.inventory().erasedIds).toBe(2)
  await again.close()
})

test('a tenant’s end takes all of its keys and leaves those of others', async () => {
  const store = await open(newDirectory())
  const gateway = makeGateway(store.intake())
  await store.take([...subjects('acme', 0, 1_500), ...subjects('other', 0, 5)].map(gateway))
  await store.take([
    gateway({ tenant: 'acme', name: 'retention', of: 'period', lastsMs: hour }),
    gateway({ tenant: 'other', name: 'retention', of: 'period', lastsMs: hour }),
  ])
  expect(await store.destroyTenant('acme')).toEqual({ subjectKeys: 1_500, periodKeys: 1 })
  expect(await store.destroyTenant('acme')).toEqual({ subjectKeys: 0, periodKeys: 0 })
  expect([...store.inventory().tenants.keys()]).toEqual(['other'])
  expect(store.idsOf('acme', 'v:visitor-3')).toEqual([])
  expect(isHere(store, 'acme', 'v:visitor-3')).toBe(false)
  expect(isHere(store, 'other', 'v:visitor-3')).toBe(true)
  expect((await store.take(subjects('acme', 0, 3).map(gateway))).refused).toBe(3)
  await store.close()
})

test('erasures are remembered by name until they are forgotten, and ids of destroyed keys with them', async () => {
  const directory = newDirectory()
  const store = await open(directory)
  const gateway = makeGateway(store.intake())
  await store.noteErasure('acme', 'first', ['v:anna', 'c:123'], someMs)
  await store.noteErasure('acme', 'first', ['v:other'], someMs + 5)
  await store.take([gateway({ tenant: 'acme', name: 'v:anna' })])
  await store.eraseSubjects([{ tenant: 'acme', names: ['v:anna'] }])
  await store.noteErasure('other', 'second', ['v:bert'], someMs + hour)
  await store.close()
  const again = await open(directory)
  const first = { tenant: 'acme', request: 'first', names: ['v:anna', 'c:123'], atMs: someMs }
  const second = { tenant: 'other', request: 'second', names: ['v:bert'], atMs: someMs + hour }
  expect(again.erasuresSince()).toEqual([first, second])
  expect(await again.forgetErasures(someMs, 9)).toEqual({ requests: 0, ids: 0 })
  expect(again.forgottenMs()).toBe(0)
  expect(await again.forgetErasures(someMs + 1, 9)).toEqual({ requests: 1, ids: 1 })
  expect(again.forgottenMs()).toBe(someMs + 1)
  expect(again.erasuresSince()).toEqual([second])
  expect(again.inventory().erasedIds).toBe(0)
  await again.close()
})

test('a key store that is not whole is refused, in a sentence without a key', async () => {
  const [directory, other] = [newDirectory(), newDirectory()]
  await (await open(directory)).close()
  await (await open(other)).close()
  const wrong = Buffer.alloc(32, 7)
  await expect(openKeyStore({ directory, rootKey: wrong })).rejects.toThrow(
    `The root key does not open ${join(directory, 'vault')}: it is not the key that this vault was made with.`,
  )
  renameSync(join(directory, 'vault'), join(directory, 'aside'))
  renameSync(join(other, 'vault'), join(directory, 'vault'))
  await expect(open(directory)).rejects.toThrow('is not the one that the key store there was made with')
  await expect(open(other)).rejects.toThrow(`The vault ${join(other, 'vault')} is missing.`)
  renameSync(join(directory, 'aside'), join(directory, 'vault'))
  rmSync(join(directory, 'keys'), { recursive: true })
  await expect(open(directory)).rejects.toThrow('holds keys, but the rows that name them are missing')
})

test('what is to be forgotten is looked at a page at a time, and from the start again after the last', async () => {
  const store = await open(newDirectory())
  const requests = ['a', 'b', 'c', 'd', 'e']
  for (const [place, request] of requests.entries())
    await store.noteErasure('acme', request, ['v:anna'], someMs + place)
  const left = () => store.erasuresSince().map(({ request }) => request)
  const forgotten: number[] = []
  for (let page = 0; page < 3; page++) {
    const { requests: count } = await store.forgetErasures(someMs + 4, 2)
    forgotten.push(count)
  }
  expect([forgotten, left()]).toEqual([[2, 2, 0], ['e']])
  expect((await store.forgetErasures(someMs + 5, 2)).requests).toBe(1)
  await store.close()
})
