import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * The text of an API key, `rt_<tenant>_<id>_<secret>`, with `_` in the tenant's place for the processor's own. Tenant and
 * id say where its record is; the secret is 256 bits of chance, shown once, and kept as its SHA-256 alone: with so much
 * chance in it, a slow hash would protect nothing more.
 */
export type KeyText = { readonly tenant: string | null; readonly id: string; readonly secret: string }

const form = /^rt_([a-z0-9-]{1,64}|_)_([a-z2-7]{12})_([A-Za-z0-9_-]{43})$/
const idAlphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const idChars = 12
const secretBytes = 32

export function parseKeyText(text: string): KeyText | null {
  const [, tenant, id, secret] = form.exec(text) ?? []
  if (tenant === undefined || id === undefined || secret === undefined) return null
  return { tenant: tenant === '_' ? null : tenant, id, secret }
}

export function formatKeyText({ tenant, id, secret }: KeyText): string {
  return `rt_${tenant ?? '_'}_${id}_${secret}`
}

/** 60 random bits, in letters that need no escaping anywhere. */
export function makeKeyId(): string {
  return Array.from(randomBytes(idChars), byte => idAlphabet[byte % idAlphabet.length]).join('')
}

export function makeSecret(): string {
  return randomBytes(secretBytes).toString('base64url')
}

export function hashOf(secret: string): string {
  return digest(secret).toString('hex')
}

/** Whether the secret is the one of this hash, in a time that does not tell how much of it is right. */
export function isSecretOf(hash: string, secret: string): boolean {
  const expected = Buffer.from(hash, 'hex')
  const given = digest(secret)
  return expected.length === given.length && timingSafeEqual(expected, given)
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest()
}
