import { expect, test } from 'vitest'
import { formatKeyText, hashOf, isSecretOf, makeKeyId, makeSecret, parseKeyText } from './keyText.ts'

const made = (tenant: string | null) => ({ tenant, id: makeKeyId(), secret: makeSecret() })

test.each(['acme', 'a-1', 'x'.repeat(64), null])('a key of %s is read as it was written', tenant => {
  for (let round = 0; round < 200; round += 1) {
    const key = made(tenant)
    expect(parseKeyText(formatKeyText(key))).toEqual(key)
  }
})

test('a secret has 256 bits, and none comes twice', () => {
  const secrets = Array.from({ length: 100 }, makeSecret)
  expect(new Set(secrets).size).toBe(100)
  for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
})

test.each([
  '',
  'rt_acme',
  'Bearer',
  formatKeyText({ ...made('acme'), tenant: 'A_B' }),
  formatKeyText({ ...made('acme'), tenant: '' }),
  `${formatKeyText(made('acme'))}x`,
  ` ${formatKeyText(made('acme'))}`,
  formatKeyText({ ...made('acme'), id: 'short' }),
])('"%s" is no key', text => {
  expect(parseKeyText(text)).toBeNull()
})

test('only the secret itself has its hash', () => {
  const [secret, other] = [makeSecret(), makeSecret()]
  expect(hashOf(secret)).toMatch(/^[0-9a-f]{64}$/)
  expect(isSecretOf(hashOf(secret), secret)).toBe(true)
  expect(isSecretOf(hashOf(secret), other)).toBe(false)
  expect(isSecretOf(hashOf(secret), '')).toBe(false)
  expect(isSecretOf('', secret)).toBe(false)
})
