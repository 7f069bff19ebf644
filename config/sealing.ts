import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
} from 'node:crypto'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { pack, unpack } from './pack.ts'

/**
 * How the personal part of an event is sealed: AES-256-GCM under a record key that needs two others. Whoever destroys the
 * subject's key erases a person, whoever destroys the period's key erases a stretch of time; nothing of the volume is touched.
 *
 * A sealed part is: form (1 byte), id of the subject's key (12), id of the period's key (12), nonce (12), ciphertext, tag (16).
 */

export const keyBytes = 32
export const keyIdBytes = 12
export const nonceBytes = 12
const tagBytes = 16
const headBytes = 1 + 2 * keyIdBytes + nonceBytes

/** The first byte of what is sealed so. Form 0, of the first version, was packed and not encrypted. */
const sealedForm = 1
/** Several sealed parts, of which each is kept for another time: this byte, then a list of them, packed. */
const severalForm = 2

const cipherName = 'aes-256-gcm'
const infoPrefix = 'ringtrail record v1 '

/** HKDF-SHA256 (RFC 5869): extracted from the subject's key with the period's as salt, expanded for this tenant alone. */
export function recordKey(subjectKey: Uint8Array, periodKey: Uint8Array, tenant: string): KeyObject {
  return recordKeysOf(periodKey, tenant)(subjectKey)
}

/** The record keys of a period by subject's key. Once it is destroyed it throws, and nothing of the period's key is left in it. */
export type RecordKeys = ((subjectKey: Uint8Array) => KeyObject) & { readonly destroy: () => void }

/**
 * The same for all subjects of a period: the period's key is worked into the hash once, which halves what each takes. The
 * hash's one block is the whole key, so expanding is one keyed hash of the info and its number.
 */
export function recordKeysOf(periodKey: Uint8Array, tenant: string): RecordKeys {
  const keyed = hmac.create(sha256, periodKey)
  const scratch = keyed.clone()
  const extracted = Buffer.alloc(keyed.outputLen)
  const info = Buffer.concat([Buffer.from(infoPrefix + tenant), Buffer.of(1)])
  const keyFor = (subjectKey: Uint8Array) => {
    keyed._cloneInto(scratch).update(subjectKey).digestInto(extracted)
    const bytes = hmac(sha256, extracted, info)
    const key = createSecretKey(bytes)
    bytes.fill(0)
    extracted.fill(0)
    return key
  }
  return Object.assign(keyFor, { destroy: () => keyed.destroy() })
}

/** What seals one part, and only one: its nonce is used up with it. */
export type Seal = { readonly cipher: CipherGCM; readonly head: Uint8Array }

/** `nonce`: never the same twice under one key. */
export type SealedWith = {
  readonly key: KeyObject
  readonly subjectKeyId: Uint8Array
  readonly periodKeyId: Uint8Array
  readonly nonce: Uint8Array
}

/** Takes most of the time that sealing takes, and asks nothing of the part: so it can be made before there is one. */
export function makeSeal({ key, subjectKeyId, periodKeyId, nonce }: SealedWith): Seal {
  const head = new Uint8Array(headBytes)
  head[0] = sealedForm
  head.set(subjectKeyId, 1)
  head.set(periodKeyId, 1 + keyIdBytes)
  head.set(nonce, 1 + 2 * keyIdBytes)
  return { cipher: createCipheriv(cipherName, key, nonce), head }
}

/** `belongsTo`: what the part belongs to (`boundTo`). */
export function sealBytes(
  plain: Uint8Array,
  { cipher, head }: Seal,
  tenant: string,
  belongsTo: string,
): Uint8Array {
  cipher.setAAD(associated(tenant, belongsTo))
  const bytes = Buffer.allocUnsafe(headBytes + plain.length + tagBytes)
  bytes.set(head)
  bytes.set(cipher.update(plain), headBytes)
  cipher.final()
  bytes.set(cipher.getAuthTag(), headBytes + plain.length)
  return bytes
}

export type SealedHead = { readonly subjectKeyId: Uint8Array; readonly periodKeyId: Uint8Array }

/** The sealed parts of an event as one: alone as it is, several as a list. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  return Buffer.concat([Uint8Array.of(severalForm), pack(parts)])
}

/** The parts that were joined. Throws where the list is damaged. */
export function splitParts(bytes: Uint8Array): readonly Uint8Array[] {
  return bytes[0] === severalForm ? (unpack(bytes.subarray(1)) as Uint8Array[]) : [bytes]
}

/** Which keys a sealed part needs; null where it is of another form or too short. */
export function headOf(bytes: Uint8Array): SealedHead | null {
  if (bytes[0] !== sealedForm || bytes.length < headBytes + tagBytes) return null
  return {
    subjectKeyId: bytes.subarray(1, 1 + keyIdBytes),
    periodKeyId: bytes.subarray(1 + keyIdBytes, 1 + 2 * keyIdBytes),
  }
}

/** Opens what `sealBytes` closed. Throws where bytes, key or place are not the right ones; the error quotes none of them. */
export function openBytes(bytes: Uint8Array, key: KeyObject, tenant: string, belongsTo: string): Buffer {
  try {
    const opening = createDecipheriv(cipherName, key, bytes.subarray(1 + 2 * keyIdBytes, headBytes))
    opening.setAAD(associated(tenant, belongsTo))
    opening.setAuthTag(bytes.subarray(bytes.length - tagBytes))
    const plain = opening.update(bytes.subarray(headBytes, bytes.length - tagBytes))
    return Buffer.concat([plain, opening.final()])
  } catch {
    throw new Error('The sealed part is damaged, or does not belong here.')
  }
}

function associated(tenant: string, belongsTo: string): Buffer {
  return Buffer.from(`${tenant}\0${belongsTo}`)
}
