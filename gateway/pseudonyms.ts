import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { loadKeyFile } from '../config/keyFile.ts'
import type { PhoneNumber, Pseudonym } from '../core/words.ts'

const pepperBytes = 32
const pseudonymBytes = 16

export type Pseudonyms = {
  /** The same tenant and number give the same pseudonym on every node with the same pepper; two tenants share none. */
  pseudonym(tenant: string, number: PhoneNumber): Pseudonym
  /** Of an e-mail address, however it is capitalised. */
  ofEmail(tenant: string, address: string): Pseudonym
  /** How a tenant is told which result it is: the same each time, and nothing of how many others there are. */
  result(tenant: string, id: string): string
  /** How the audit chain names a subject (`v:…`, `c:…`): the same each time, and nothing to whoever has no pepper. */
  reference(tenant: string, subject: string): string
}

/**
 * Keyed hashes of phone numbers: the first 16 bytes of HMAC-SHA256(pepper, tenant 0x00 number), base64url. The key is
 * worked in once. `node:crypto` sets up OpenSSL anew for every hash, which took twice as long on the path of a call.
 */
export function createPseudonyms(pepper: Uint8Array): Pseudonyms {
  if (pepper.length < pepperBytes) throw new Error(`The pepper needs at least ${pepperBytes} bytes.`)
  const keyed = hmac.create(sha256, pepper)
  const scratch = keyed.clone()
  const digest = Buffer.alloc(keyed.outputLen)
  const hashed = (tenant: string, text: string) => {
    keyed
      ._cloneInto(scratch)
      .update(Buffer.from(`${tenant}\0${text}`))
      .digestInto(digest)
    return digest.toString('base64url', 0, pseudonymBytes)
  }
  return {
    pseudonym: (tenant, number) => hashed(tenant, number) as Pseudonym,
    ofEmail: (tenant, address) => hashed(tenant, `mailto:${address.trim().toLowerCase()}`) as Pseudonym,
    reference: (tenant, subject) => hashed(tenant, `subject ${subject}`),
    result: (tenant, id) => hashed(tenant, `result ${id}`),
  }
}

/**
 * The pepper: 64 hexadecimal digits in a file. A `pepperFile` that was configured has to exist, because nodes that make
 * their own know nobody's callers; without one, `dataDir/pepper` is read, and made at the first start.
 */
export function loadPepper(dataDir: string, pepperFile?: string | null): Buffer {
  return loadKeyFile({ name: 'pepper', dataDir, file: pepperFile ?? null })
}
