import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'

/**
 * How a gateway hands a key to the owner of a partition through the log: wrapped under what X25519 (RFC 7748) makes of the
 * gateway's half and the owner's. Gateways know public halves only, so they guard no secret of the owners, and when an
 * owner destroys its half, what is left in old blocks of the log can be opened by nobody.
 */

const rawBytes = 32
const info = Buffer.from('ringtrail intake v1')
const spkiHead = Buffer.from('302a300506032b656e032100', 'hex')
const pkcs8Head = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** Both halves, 32 bytes each. */
export type IntakePair = { readonly publicHalf: Uint8Array; readonly privateHalf: Uint8Array }

export function makeIntakePair(): IntakePair {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const publicHalf = publicKey.export({ type: 'spki', format: 'der' }).subarray(-rawBytes)
  const privateHalf = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-rawBytes)
  return { publicHalf, privateHalf }
}

/** The key that two halves agree upon. Throws where a half is none. */
export function agreedKey(privateHalf: Uint8Array, publicHalf: Uint8Array): KeyObject {
  const shared = diffieHellman({
    privateKey: createPrivateKey({ key: der(pkcs8Head, privateHalf), type: 'pkcs8', format: 'der' }),
    publicKey: createPublicKey({ key: der(spkiHead, publicHalf), type: 'spki', format: 'der' }),
  })
  return createSecretKey(hkdf(sha256, shared, undefined, info, rawBytes))
}

function der(head: Buffer, raw: Uint8Array): Buffer {
  if (raw.length !== rawBytes) throw new Error('A half of an intake key has 32 bytes.')
  return Buffer.concat([head, raw])
}
