import {
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'
import { canonical } from './canonical.ts'

/**
 * Signatures (Ed25519) over what we say and others keep: heads of the audit chain, receipts, certificates. The private
 * key follows from the root key, so every owner has the same and none is stored; the public half is all that a
 * verifier needs. What is signed is one line that names its kind, and the canonical JSON: a signature of one kind is
 * worth nothing under another.
 */
export type Signer = {
  /** The first 16 hex digits of the SHA-256 of the raw public key. */
  readonly keyId: string
  /** The 32 raw bytes, base64url. */
  readonly publicKey: string
  /** base64url. */
  sign(kind: SignedKind, value: object): string
}

export type PublicKey = { readonly keyId: string; readonly text: string; readonly key: KeyObject }

/** What a signature is of, as its first line says. */
const firstLines = {
  head: 'ringtrail audit head v1\n',
  document: 'ringtrail document v1\n',
} as const
export type SignedKind = keyof typeof firstLines

const keyInfo = 'ringtrail signing v1'
const seedBytes = 32
/** An Ed25519 private key in PKCS #8 is this and the seed (RFC 8410). */
const pkcs8Start = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The signer of a root key: always the same one. */
export function createSigner(rootKey: Uint8Array): Signer {
  const seed = Buffer.from(hkdfSync('sha256', rootKey, new Uint8Array(0), keyInfo, seedBytes))
  const der = Buffer.concat([pkcs8Start, seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  seed.fill(0)
  der.fill(0)
  const { keyId, text } = publicKeyOf(createPublicKey(privateKey))
  const sign = (kind: SignedKind, value: object) =>
    signBytes(null, signedBytes(kind, value), privateKey).toString('base64url')
  return { keyId, publicKey: text, sign }
}

/** Whether a signature over a value is of this key. Needs nothing but the public half. */
export function isSignedBy({ key }: PublicKey, kind: SignedKind, value: object, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64url')
  // One signature has one text: the last letter has bits to spare.
  if (bytes.toString('base64url') !== signature) return false
  return verifyBytes(null, signedBytes(kind, value), key, bytes)
}

function signedBytes(kind: SignedKind, value: object): Buffer {
  return Buffer.from(firstLines[kind] + canonical(value))
}

const pem = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g

/**
 * The public keys in a text: PEM blocks, or raw keys in base64url, one a line. Several, where the root key was
 * replaced. Throws a sentence where the text holds none, or something else besides.
 */
export function readPublicKeys(text: string): readonly PublicKey[] {
  const blocks = text.match(pem) ?? []
  const rest = text.replaceAll(pem, '').split(/\s+/)
  const keys = [...blocks, ...rest.filter(word => word !== '')].map(readPublicKey)
  if (keys.length === 0) throw new Error('There is no public key here.')
  return keys
}

function readPublicKey(text: string): PublicKey {
  const key = keyObjectOrNull(text)
  if (key?.asymmetricKeyType !== 'ed25519')
    throw new Error('A public key has to be Ed25519: a PEM block, or its 32 bytes in base64url.')
  return publicKeyOf(key)
}

function keyObjectOrNull(text: string): KeyObject | null {
  try {
    if (text.startsWith('-----')) return createPublicKey(text)
    if (!/^[\w-]{43}$/.test(text)) return null
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: text }, format: 'jwk' })
  } catch {
    return null
  }
}

function publicKeyOf(key: KeyObject): PublicKey {
  const text = key.export({ format: 'jwk' }).x ?? ''
  const keyId = createHash('sha256').update(Buffer.from(text, 'base64url')).digest('hex').slice(0, 16)
  return { keyId, text, key }
}

/** A public key as other tools read it. */
export function publicKeyPem({ publicKey }: Pick<Signer, 'publicKey'>): string {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' })
  return key.export({ format: 'pem', type: 'spki' }).toString()
}
