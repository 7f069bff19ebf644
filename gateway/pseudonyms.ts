import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { PhoneNumber, Pseudonym } from '../core/words.ts'

const pepperBytes = 32
const pseudonymBytes = 16

export type Pseudonyms = {
  /** The same tenant and number give the same pseudonym on every node with the same pepper; two tenants share none. */
  pseudonym(tenant: string, number: PhoneNumber): Pseudonym
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
  return {
    pseudonym: (tenant, number) => {
      keyed
        ._cloneInto(scratch)
        .update(Buffer.from(`${tenant}\0${number}`))
        .digestInto(digest)
      return digest.toString('base64url', 0, pseudonymBytes) as Pseudonym
    },
  }
}

/**
 * The pepper: 64 hexadecimal digits in a file. A `pepperFile` that was configured has to exist, because nodes that make
 * their own know nobody's callers; without one, `dataDir/pepper` is read, and made at the first start (mode 0600, whole
 * or not at all). Throws an error that names the file and what to do.
 */
export function loadPepper(dataDir: string, pepperFile?: string | null): Buffer {
  if (pepperFile) return readPepper(pepperFile)
  const file = join(dataDir, 'pepper')
  mkdirSync(dataDir, { recursive: true })
  return readPepper(file, () => makePepper(dataDir, file))
}

function readPepper(file: string, make?: () => void): Buffer {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ENOENT' || !make) throw new Error(`The pepper file ${file} cannot be read (${code}).`)
    make()
    return readPepper(file)
  }
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw new Error(
      `The pepper file ${file} has to hold 64 hexadecimal digits, as "openssl rand -hex 32" writes them.`,
    )
  }
  return Buffer.from(text, 'hex')
}

/** Written aside, then linked into place: a reader sees all of it or nothing, and of two makers the first wins. */
function makePepper(dataDir: string, file: string): void {
  const aside = `${file}.${randomBytes(6).toString('hex')}`
  try {
    writeFlushed(aside, `${randomBytes(pepperBytes).toString('hex')}\n`)
    linkSync(aside, file)
    flushDirectory(dataDir)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'EEXIST') throw new Error(`The pepper file ${file} cannot be made (${code}).`)
  } finally {
    rmSync(aside, { force: true })
  }
}

function writeFlushed(file: string, text: string): void {
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function flushDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
