import { expect, test } from 'vitest'
import type { AccessKey } from '../../core/access.ts'
import { createAdmission } from '../admission.ts'
import { NoAnswer } from '../owners.ts'
import { createAuthenticate } from './authenticate.ts'
import { formatKeyText, hashOf, makeKeyId, makeSecret } from './keyText.ts'

const day = 86_400_000
const [id, secret, old] = [makeKeyId(), makeSecret(), makeSecret()]
const text = (more: { secret?: string; id?: string; tenant?: string | null } = {}) =>
  formatKeyText({ tenant: 'acme', id, secret, ...more })

const key: AccessKey = {
  ...{ tenant: 'acme', id, name: 'reports', role: 'analyst', hash: hashOf(secret), madeBy: 'local' },
  ...{ previous: { hash: hashOf(old), until: 2 * day }, madeAt: 0, rotatedAt: day },
  ...{ expiresAt: 10 * day, revokedAt: null },
}

type Setting = {
  key?: AccessKey | null
  now?: number
  isLocal?: boolean
  exist?: boolean | 'unknown'
}

function asking({ key: kept = key, now = day, isLocal = true, exist = true }: Setting = {}) {
  const authenticate = createAuthenticate({
    keys: {
      find: async (tenant, id) => (tenant === kept?.tenant && id === kept.id ? kept : null),
      exist: async () => (exist === 'unknown' ? Promise.reject(new NoAnswer('no owner')) : exist),
    },
    token: { isSame: given => given === 'rtm_local' },
    addresses: () => '127.0.0.1',
    admission: createAdmission(),
    isLocal,
    clock: () => now,
  })
  return async (authorization: string | null, openAtFirst = false) => {
    const headers = new Map(authorization === null ? [] : [['authorization', authorization]])
    const found = await authenticate({ headers, peer: '127.0.0.1' }, openAtFirst)
    return typeof found === 'string' ? found : found.actor
  }
}

test('the key’s own secret lets in, and so does the one before it until its moment', async () => {
  expect(await asking()(`Bearer ${text()}`)).toBe(id)
  expect(await asking()(`bearer ${text()}`)).toBe(id)
  expect(await asking()(`Bearer ${text({ secret: old })}`)).toBe(id)
  expect(await asking({ now: 2 * day })(`Bearer ${text({ secret: old })}`)).toBe('key-expired')
  expect(await asking({ now: 2 * day })(`Bearer ${text()}`)).toBe(id)
})

test('a key ends at its moment or when it is revoked, and only who has its secret is told so', async () => {
  expect(await asking({ now: 10 * day })(`Bearer ${text()}`)).toBe('key-expired')
  const revoked = asking({ key: { ...key, revokedAt: 5 } })
  expect(await revoked(`Bearer ${text()}`)).toBe('key-revoked')
  expect(await revoked(`Bearer ${text({ secret: makeSecret() })}`)).toBe('key-missing')
})

test.each([
  'Bearer',
  'Bearer nonsense',
  `Basic ${text()}`,
  `Bearer ${text({ secret: makeSecret() })}`,
  `Bearer ${text({ id: makeKeyId() })}`,
  `Bearer ${text({ tenant: 'other' })}`,
  `Bearer ${text({ tenant: null })}`,
  `Bearer ${text()} ${text()}`,
  'Bearer rtm_other',
])('%s is nobody', async header => {
  expect(await asking()(header)).toBe('key-missing')
})

test('without a key: open at first on loopback, nothing there on other addresses, closed once there are keys', async () => {
  expect(await asking({ exist: false })(null, true)).toBe('nobody')
  expect(await asking({ exist: false })(null)).toBe('key-missing')
  expect(await asking({ exist: false, isLocal: false })(null, true)).toBe('not-found')
  expect(await asking()(null, true)).toBe('key-missing')
  expect(await asking({ isLocal: false })(null, true)).toBe('key-missing')
  expect(await asking({ exist: 'unknown' })(null, true)).toBe('not-now')
})

test('who shows a wrong key is judged by it, where no key was needed too', async () => {
  expect(await asking({ exist: false })('Bearer nonsense', true)).toBe('key-missing')
  expect(await asking({ exist: false, isLocal: false })('Bearer rtm_local')).toBe('local')
})

test('guesses are slowed down, and lock out nobody who has a key', async () => {
  const ask = asking()
  const guess = () => ask(`Bearer ${text({ secret: makeSecret() })}`)
  const answers = await Promise.all(Array.from({ length: 61 }, guess))
  expect(answers.slice(0, 60)).toEqual(Array(60).fill('key-missing'))
  expect(answers[60]).toBe('too-many-requests')
  expect(await ask(`Bearer ${text()}`)).toBe(id)
})
