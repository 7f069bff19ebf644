import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { before, blocks, erasedIn, type Said, takenIn } from './churn.ts'
import { idText } from './ground.ts'
import { type KeyStore, openKeyStore } from './keyStore.ts'
import { idFor, makeGateway, rootKey, secretFor, type Wanted } from './testKeys.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-keyskill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const kills = 15
const child = join(import.meta.dirname, 'churn.ts')

/**
 * Lets it run for a step, then kills it within the next: while it takes, or, mostly, a part of the time into an erasure
 * that the one before took. What it said, in order.
 */
async function killed(directory: string, start: number, index: number): Promise<Said[]> {
  const said: Said[] = []
  const running = fork(child, [directory, String(start)], { stdio: 'ignore' })
  const closed = once(running, 'close')
  const kill = (inMs: number) => setTimeout(() => running.kill('SIGKILL'), inMs)
  let [began, tookMs] = [0, 0]
  running.on('message', (message: Said) => {
    said.push(message)
    const { did, step } = message
    if (step === start && did === 'erasing') began = performance.now()
    if (step === start && did === 'erased') tookMs = performance.now() - began
    if (step === start) return
    if (index % 5 === 4 && did === 'taking') kill(index % 7)
    if (index % 5 < 4 && did === 'erasing') kill((tookMs * (index + 0.5)) / kills)
  })
  await closed
  return said
}

const namesOf = (wanted: readonly Wanted[]) => wanted.map(({ name }) => name)

/** Of these, those that can be read: each the key that was taken, whole. */
function here(store: KeyStore, wanted: readonly Wanted[]): Wanted[] {
  return wanted.filter(({ name }) => {
    const id = idFor('acme', name)
    const key = store.subjectKey(id)
    if (key !== null) expect(key).toEqual({ tenant: 'acme', name, secret: secretFor(id) })
    return key !== null
  })
}

/** Who is not here was erased and does not come back: nobody has got lost. */
async function eitherHereOrErased(store: KeyStore, wanted: readonly Wanted[]): Promise<number> {
  const stayed = here(store, wanted).length
  const again = await store.take(wanted.map(makeGateway(store.intake())))
  expect(again).toEqual({ taken: 0, known: stayed, unreadable: 0, refused: wanted.length - stayed })
  return stayed
}

/** What a child that was killed left behind, and that it is put right by asking again. Says how far its erasure had come. */
async function check(store: KeyStore, said: readonly Said[]): Promise<number | null> {
  const did = (what: Said['did'], step: number) => said.some(one => one.did === what && one.step === step)
  let cutShort: number | null = null
  for (const step of new Set(said.map(one => one.step))) {
    const [come, go] = [takenIn(step), erasedIn(step)]
    if (!did('took', step)) {
      expect([0, come.length]).toContain(here(store, come).length)
      await store.take(come.map(makeGateway(store.intake())))
    }
    const left = await eitherHereOrErased(store, go)
    if (did('erased', step)) expect(left).toBe(0)
    else if (did('erasing', step)) cutShort = left
    else expect(left).toBe(go.length)
    await store.eraseSubjects([{ tenant: 'acme', names: namesOf(go) }])
    expect(await eitherHereOrErased(store, go)).toBe(0)
  }
  return cutShort
}

test(`killed ${kills} times while it takes and erases: each is here or erased, never neither, and asked again all are gone`, async () => {
  const directory = join(folder, 'one')
  const first = await openKeyStore({ directory, rootKey })
  await first.take(before.map(makeGateway(first.intake())))
  // Each step erases some of every one of these, and some who came after them.
  expect(first.inventory().blocks).toBe(blocks)
  await first.close()
  const come: Wanted[] = [...before]
  const gone = new Set<string>()
  const cutShort: number[] = []
  let start = 0
  for (let index = 0; index < kills; index++) {
    const said = await killed(directory, start, index)
    const store = await openKeyStore({ directory, rootKey })
    const left = await check(store, said)
    if (left !== null) cutShort.push(left)
    for (const step of new Set(said.map(one => one.step))) {
      come.push(...takenIn(step))
      for (const name of namesOf(erasedIn(step))) gone.add(name)
      start = step + 1
    }
    const stay = come.filter(({ name }) => !gone.has(name))
    expect(namesOf(here(store, come))).toEqual(namesOf(stay))
    await store.close()
  }
  const all = erasedIn(0).length
  expect(new Set([...gone].map(name => idText(idFor('acme', name)))).size).toBe(all * start)
  // Some came between two blocks: a part of the people was erased, and a part was not.
  expect(cutShort.filter(left => left > 0 && left < all).length).toBeGreaterThan(0)
}, 120_000)
