import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AccessKey } from '../core/access.ts'
import { limits } from '../core/limits.ts'
import type { Outcome } from '../core/outcome.ts'
import type { LogTime } from '../core/words.ts'
import { answerAccess, hasKeys, hearAccess, loadAccess, takeAccessRows } from './accessRows.ts'
import type { Applied } from './group.ts'
import { openStore, type Store } from './store.ts'

let folder: string
let store: Store

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringtrail-'))
  store = openStore(folder, 0)
})

afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const keyOf = (tenant: string | null, id: string, more: Partial<AccessKey> = {}): AccessKey => ({
  ...{ tenant, id, name: id, role: 'analyst', hash: 'ab'.repeat(32), previous: null, madeBy: 'local' },
  ...{ madeAt: 1, rotatedAt: null, expiresAt: null, revokedAt: null },
  ...more,
})
const heard = (access: AccessKey, kind: 'noted' | 'repeated' = 'noted'): Applied => {
  const tenant = access.tenant ?? ''
  const outcome: Outcome = kind === 'noted' ? { kind, tenant } : { kind, what: 'message' }
  const event = { clear: { kind: 'noted', tenant }, personal: null, access } as const
  return { event, outcomes: [outcome], reply: { kind: 'done' } }
}
const at = 5 as LogTime
const about = { current: true, whole: true }
let sequence = 0
const commit = (access: ReturnType<typeof loadAccess>) => {
  const expected = sequence
  sequence += 1
  const position = { sequence, rules: 1, log: 'log', mark: null }
  return store.commit({
    rows: [],
    access: takeAccessRows(access),
    history: [],
    erasures: [],
    audit: [],
    rectifications: [],
    breaches: [],
    position,
    expected,
  })
}
beforeEach(() => {
  sequence = 0
})
const find = (access: ReturnType<typeof loadAccess>, tenant: string, id: string) =>
  answerAccess(access, store, { kind: 'access-key', tenant, id }, about)

test('a key is there as soon as its entry is applied, and after the commit in the store, the processor’s too', async () => {
  const access = loadAccess(store)
  expect(hasKeys(access)).toBe(false)
  const [acme, own] = [keyOf('acme', 'aaaaaaaaaaaa'), keyOf(null, 'bbbbbbbbbbbb', { role: 'operator' })]
  hearAccess(access, [heard(acme), heard(own)], at)
  expect(hasKeys(access)).toBe(true)
  expect(find(access, 'acme', acme.id)).toMatchObject({ key: acme })
  expect(hasKeys(loadAccess(store))).toBe(false)
  await commit(access)
  const again = loadAccess(store)
  expect(find(again, 'acme', acme.id)).toMatchObject({ key: acme })
  expect(find(again, '', own.id)).toMatchObject({ key: own })
  expect(find(again, 'other', acme.id)).toMatchObject({ key: null })
  expect(find(again, '', acme.id)).toMatchObject({ key: null })
  expect(takeAccessRows(access)).toEqual([])
})

test('a repeated entry changes nothing, and what was revoked stays so', () => {
  const access = loadAccess(store)
  hearAccess(access, [heard(keyOf('acme', 'aaaaaaaaaaaa'), 'repeated')], at)
  expect(hasKeys(access)).toBe(false)
  hearAccess(access, [heard(keyOf('acme', 'aaaaaaaaaaaa'))], at)
  hearAccess(access, [heard(keyOf('acme', 'aaaaaaaaaaaa', { revokedAt: 3 }))], at)
  hearAccess(access, [heard(keyOf('acme', 'aaaaaaaaaaaa', { hash: 'cd'.repeat(32) }))], at)
  expect(find(access, 'acme', 'aaaaaaaaaaaa')).toMatchObject({ key: { revokedAt: 3 } })
})

test('use is kept beside, and never falls back', async () => {
  const access = loadAccess(store)
  hearAccess(access, [heard(keyOf('acme', 'aaaaaaaaaaaa'))], at)
  const used = (id: string, lastAt: number, scope: 'calls:read' | 'feed:read') =>
    answerAccess(access, store, { kind: 'access-used', tenant: 'acme', id, lastAt, scopes: [scope] }, about)
  used('aaaaaaaaaaaa', 9, 'feed:read')
  used('aaaaaaaaaaaa', 7, 'calls:read')
  used('zzzzzzzzzzzz', 7, 'calls:read')
  await commit(access)
  await store.isFlushed()
  const list = answerAccess(loadAccess(store), store, { kind: 'access-keys', tenant: 'acme' }, about)
  expect(list).toMatchObject({ keys: [{ use: { lastAt: 9, scopes: ['calls:read', 'feed:read'] } }] })
  expect([...store.keyUses()]).toHaveLength(1)
})

test('of too many keys those that have ended are forgotten first, the oldest before all', async () => {
  const access = loadAccess(store)
  const id = (number: number) => String(number).padStart(12, '0')
  const most = limits.accessKeysKeptPerTenantMax
  for (let number = 0; number < most; number += 1) {
    const revokedAt = number === 7 || number === 3 ? 4 : null
    hearAccess(access, [heard(keyOf('acme', id(number), { madeAt: number, revokedAt }))], at)
  }
  hearAccess(access, [heard(keyOf('acme', id(most), { madeAt: most }))], at)
  expect(find(access, 'acme', id(3))).toMatchObject({ key: null })
  hearAccess(access, [heard(keyOf('acme', id(most + 1), { madeAt: most }))], at)
  expect(find(access, 'acme', id(7))).toMatchObject({ key: null })
  hearAccess(access, [heard(keyOf('acme', id(most + 2), { madeAt: most }))], at)
  expect(find(access, 'acme', id(0))).toMatchObject({ key: { id: id(0) } })
  await commit(access)
  expect([...store.access()]).toHaveLength(most + 1)
})
