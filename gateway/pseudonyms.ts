import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { PhoneNumber, Pseudonym } from '../core/words.ts'

const pepperBytes = 32
const pseudonymBytes = 16

export type Pseudonyms = {
  /** The same tenant and number give the same pseudonym on every node with the same pepper; two tenants share none. */
  pseudonym(tenant: string, number: PhoneNumber): Pseudonym
}

/** Keyed hashes of phone numbers: the first 16 bytes of HMAC-SHA256(pepper, tenant 0x00 number), base64url. */
export function createPseudonyms(pepper: Uint8Array): Pseudonyms {
  if (pepper.length < pepperBytes) throw new Error(`The pepper needs at least ${pepperBytes} bytes.`)
  // Imported once: a key given as bytes is imported again for every number.
  const key = createSecretKey(pepper)
  return { pseudonym: (tenant, number) => hashed(key, `${tenant}\0${number}`) }
}

function hashed(key: KeyObject, subject: string): Pseudonym {
  const digest = createHmac('sha256', key).update(subject, 'utf8').digest()
  return digest.subarray(0, pseudonymBytes).toString('base64url') as Pseudonym
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
