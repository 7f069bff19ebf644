import { readFileSync } from 'node:fs'
import { type PublicKey, readPublicKeys } from '../config/signing.ts'

/** What commands that verify are given: files and public keys, no running system. Each throws a sentence. */

/** The words of every `--key`. */
export const keyWords =
  'the public key, or a file with it: PEM or base64url; several where the root key was replaced'

/** A text that is a key is one; anything else is the name of a file. */
export function keysIn(given: string): readonly PublicKey[] {
  const isText = given.startsWith('-----') || /^[\w-]{43}$/.test(given)
  return readPublicKeys(isText ? given : textOf(given))
}

export function jsonIn(file: string): unknown {
  const text = textOf(file)
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`${file} is not JSON.`)
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return unreadable(error)
  }
}

/** Says of which file it is. */
export function unreadable(error: unknown): never {
  const { code, path } = error as NodeJS.ErrnoException
  if (code === undefined || path === undefined) throw error
  throw new Error(`${path} cannot be read (${code}).`)
}
