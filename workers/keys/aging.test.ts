import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openKeyStore } from './keyStore.ts'
import { idFor, makeGateway, rootKey } from './testKeys.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-keysaging-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const day = 86_400_000
const began = 1_800_000_000_000

test('keys of a day end together when all of them have been out of use for a retention, and no other does', async () => {
  const store = await openKeyStore({ directory: join(folder, 'days'), rootKey })
  const gateway = makeGateway(store.intake())
  for (let at = 0; at < 5; at++)
    await store.take([
      gateway({ tenant: 'acme', name: `v:day-${at}`, lastsMs: day, atMs: began + at * day }),
      gateway({ tenant: 'bolt', name: `v:day-${at}`, lastsMs: day, atMs: began + at * day }),
    ])
  const has = (tenant: string, at: number) => store.subjectKey(idFor(tenant, `v:day-${at}`)) !== null
  const retentionMs = 2 * day
  const now = began + 3.5 * day
  const isOver = (block: { tenant: string; untilMs: number }) =>
    block.tenant === 'acme' && block.untilMs + retentionMs <= now
  expect(await store.destroyAged(isOver)).toEqual(new Map([['acme', 1]]))
  expect(await store.destroyAged(isOver)).toEqual(new Map())
  expect([0, 1, 2, 3, 4].map(at => has('acme', at))).toEqual([false, true, true, true, true])
  expect([0, 1, 2, 3, 4].map(at => has('bolt', at))).toEqual([true, true, true, true, true])
  expect(store.idsOf('acme', 'v:day-0')).toEqual([])
  await store.close()
})

test('who moved in an erasure of others keeps the end of the longest of them', async () => {
  const store = await openKeyStore({ directory: join(folder, 'moved'), rootKey })
  const gateway = makeGateway(store.intake())
  await store.take([
    gateway({ tenant: 'acme', name: 'v:gone', lastsMs: day, atMs: began }),
    gateway({ tenant: 'acme', name: 'v:stays', lastsMs: day, atMs: began + 1 }),
  ])
  await store.eraseSubjects([{ tenant: 'acme', names: ['v:gone'] }])
  const endsBy =
    (at: number) =>
    ({ untilMs }: { untilMs: number }) =>
      untilMs <= at
  expect(await store.destroyAged(endsBy(began + day))).toEqual(new Map())
  expect(await store.destroyAged(endsBy(began + day + 1))).toEqual(new Map([['acme', 1]]))
  await store.close()
})

test('who moved does not stay for as long as people of a later day', async () => {
  const store = await openKeyStore({ directory: join(folder, 'later'), rootKey })
  const gateway = makeGateway(store.intake())
  const seen = (name: string, atMs: number) => gateway({ tenant: 'acme', name, lastsMs: day, atMs })
  await store.take([seen('v:gone', began), seen('v:stays', began + 1)])
  await store.take([seen('v:late', began + 3 * day)])
  await store.eraseSubjects([{ tenant: 'acme', names: ['v:gone'] }])
  expect(store.subjectKey(idFor('acme', 'v:stays'))).not.toBeNull()
  const destroyed = await store.destroyAged(({ untilMs }) => untilMs <= began + day + 1)
  expect(destroyed).toEqual(new Map([['acme', 1]]))
  expect(store.subjectKey(idFor('acme', 'v:stays'))).toBeNull()
  expect(store.subjectKey(idFor('acme', 'v:late'))).not.toBeNull()
  await store.close()
})
