import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { perErase, perTake, type Said } from './churn.ts'
import { type KeyStore, openKeyStore } from './keyStore.ts'
import { idFor, makeGateway, rootKey, secretFor, subjects } from './testKeys.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-keyskill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const kills = 15
const child = join(import.meta.dirname, 'churn.ts')

/** Lets it run until it said so many things and a little longer, then kills it. What it said, in order. */
async function killed(directory: string, start: number, index: number): Promise<Said[]> {
  const said: Said[] = []
  const running = fork(child, [directory, String(start)], { stdio: 'ignore' })
  const closed = once(running, 'close')
  running.on('message', (message: Said) => {
    said.push(message)
    // The instant differs from kill to kill: by steps, and within a step by fractions of a millisecond.
    if (said.length === 2 + (index % 8)) setTimeout(() => running.kill('SIGKILL'), (index * 7) % 23)
  })
  await closed
  return said
}

const opens = (store: KeyStore, name: string) => {
  const id = idFor('acme', name)
  const key = store.subjectKey(id)
  if (key !== null) expect(key).toEqual({ tenant: 'acme', name, secret: secretFor(id) })
  return key !== null
}

/** What has to be there and what must not be, by what was said; of an erasure under way, all or nothing. */
async function check(store: KeyStore, said: readonly Said[]): Promise<void> {
  const gateway = makeGateway(store.intake())
  for (const { did, from, to } of said) {
    const names = subjects('acme', from, to)
    const here = names.filter(({ name }) => opens(store, name)).length
    const erased = said.some(other => other.did === 'erased' && other.from === from)
    const erasing = said.some(other => other.did === 'erasing' && other.from === from)
    if (did === 'erased') {
      expect(here).toBe(0)
      expect((await store.take(names.map(gateway))).refused).toBe(perErase)
    }
    if (did === 'erasing' && !erased) expect([0, perErase]).toContain(here)
    if (did === 'took' && erased) expect(here).toBe(perTake - perErase)
    if (did === 'took' && !erased) expect(erasing ? [perTake, perTake - perErase] : [perTake]).toContain(here)
    if (did === 'taking') expect([0, perTake - perErase, perTake]).toContain(here)
  }
}

test(`killed ${kills} times while it takes and erases: it opens, who stayed is there, and who was erased is not`, async () => {
  const directory = join(folder, 'one')
  const all: Said[] = []
  let start = 0
  for (let index = 0; index < kills; index++) {
    const said = await killed(directory, start, index)
    expect(said.length).toBeGreaterThan(1)
    all.push(...said)
    start = Math.max(...all.map(({ to }) => to))
    const store = await openKeyStore({ directory, rootKey })
    await check(store, all)
    await store.close()
  }
  expect(all.filter(({ did }) => did === 'erased').length).toBeGreaterThan(kills / 2)
}, 120_000)
