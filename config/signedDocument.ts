import { isSignedBy, type PublicKey, readPublicKeys, type Signer } from './signing.ts'

/** A document with its signature inside, over the canonical form of all else. It carries the key; whose it is, it cannot say. */
export type Signed<Document extends object> = Document & { readonly signature: DocumentSignature }
export type DocumentSignature = {
  readonly keyId: string
  /** base64url, as is the public key. */
  readonly value: string
  readonly publicKey: string
}

export type DocumentVerdict =
  | { readonly kind: 'as-expected'; readonly keyId: string }
  /** Whole, but signed by somebody else than expected: anybody can do that. */
  | { readonly kind: 'unexpected-key'; readonly keyId: string }
  | { readonly kind: 'broken'; readonly says: string }

export function signDocument<Document extends object>(signer: Signer, document: Document): Signed<Document> {
  if ('signature' in document) throw new Error('The document is signed already.')
  const value = signer.sign('document', document)
  return { ...document, signature: { keyId: signer.keyId, value, publicKey: signer.publicKey } }
}

/** Whether it is what was signed, and by one of the keys that are expected. Needs nothing but this. */
export function verifyDocument(value: unknown, expected: readonly PublicKey[]): DocumentVerdict {
  if (typeof value !== 'object' || value === null || !('signature' in value))
    return { kind: 'broken', says: 'It holds no signature.' }
  const { signature, ...document } = value
  if (!isDocumentSignature(signature))
    return { kind: 'broken', says: 'Its signature has not the right form.' }
  const own = ownKey(signature)
  if (own === null) return { kind: 'broken', says: 'Its public key and the id of it do not fit.' }
  if (!fits(own, document, signature.value))
    return { kind: 'broken', says: 'Its signature does not fit: it was changed, or was never signed.' }
  const isExpected = expected.some(key => key.text === own.text)
  return { kind: isExpected ? 'as-expected' : 'unexpected-key', keyId: own.keyId }
}

function isDocumentSignature(value: unknown): value is DocumentSignature {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 3) return false
  const { keyId, value: text, publicKey } = value as Record<string, unknown>
  return [keyId, text, publicKey].every(one => typeof one === 'string')
}

function ownKey({ keyId, publicKey }: DocumentSignature): PublicKey | null {
  try {
    const [key] = readPublicKeys(publicKey)
    return key?.keyId === keyId && key.text === publicKey ? key : null
  } catch {
    return null
  }
}

/** What has no canonical form was never signed. */
function fits(key: PublicKey, document: object, signature: string): boolean {
  try {
    return isSignedBy(key, 'document', document, signature)
  } catch {
    return false
  }
}
