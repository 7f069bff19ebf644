import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openKeyStore } from './keyStore.ts'
import { idFor, makeGateway, rootKey, secretFor, subjects } from './testKeys.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-keysmany-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const total = 10_000
const perCall = 2_000

test('subjects of many blocks are erased together, and nobody else is', async () => {
  const directory = join(folder, 'one')
  const store = await openKeyStore({ directory, rootKey })
  const gateway = makeGateway(store.intake())
  for (let from = 0; from < total; from += perCall)
    await store.take(subjects('acme', from, from + perCall).map(gateway))
  const spread = Array.from({ length: 50 }, (_, index) => `v:visitor-${index * 199}`)
  await store.eraseSubjects([{ tenant: 'acme', names: spread }])
  await store.close()
  const again = await openKeyStore({ directory, rootKey })
  expect(again.inventory().tenants.get('acme')?.subjectKeys).toBe(total - spread.length)
  for (let at = 0; at < total; at++) {
    const id = idFor('acme', `v:visitor-${at}`)
    const isErased = at % 199 === 0 && at / 199 < spread.length
    const secret = again.subjectKey(id)?.secret ?? null
    if (isErased) expect(secret).toBeNull()
    else expect(secret?.equals(secretFor(id))).toBe(true)
  }
  await again.close()
}, 120_000)
