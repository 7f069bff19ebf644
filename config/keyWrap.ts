import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'

/** A key under another: AES-256-GCM; nonce (12), ciphertext, tag (16). `bound` says what it is for, and is checked. */

const cipher = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

export function wrap(key: Uint8Array, under: KeyObject, nonce: Uint8Array, bound: Uint8Array): Buffer {
  const wrapping = createCipheriv(cipher, under, nonce)
  wrapping.setAAD(bound)
  const bytes = Buffer.allocUnsafe(nonceBytes + key.length + tagBytes)
  bytes.set(nonce)
  bytes.set(wrapping.update(key), nonceBytes)
  wrapping.final()
  bytes.set(wrapping.getAuthTag(), nonceBytes + key.length)
  return bytes
}

/** null: it was wrapped under another key, for something else, or is damaged. */
export function unwrap(wrapped: Uint8Array, under: KeyObject, bound: Uint8Array): Buffer | null {
  if (wrapped.length < nonceBytes + tagBytes) return null
  try {
    const opening = createDecipheriv(cipher, under, wrapped.subarray(0, nonceBytes))
    opening.setAAD(bound)
    opening.setAuthTag(wrapped.subarray(wrapped.length - tagBytes))
    const key = opening.update(wrapped.subarray(nonceBytes, wrapped.length - tagBytes))
    return Buffer.concat([key, opening.final()])
  } catch {
    return null
  }
}

export const secretKey = (bytes: Uint8Array): KeyObject => createSecretKey(bytes)
