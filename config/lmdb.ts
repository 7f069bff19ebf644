import { mkdirSync } from 'node:fs'
import { open, type Database } from 'lmdb'

/** The one door to LMDB. Values are bytes: what they mean is said by whoever packs them. */
export type Environment<Key extends string | (string | number)[]> = Database<Buffer, Key> & {
  getStats(): object
}

/**
 * Opens, or makes, an environment in a folder of its own. `await put()` resolves when a write is visible; what has to
 * survive a power cut waits for `flushed`. Close it before the thread that opened it ends.
 */
export function openEnvironment<Key extends string | (string | number)[]>(path: string): Environment<Key> {
  mkdirSync(path, { recursive: true })
  return open<Buffer, Key>({ path, encoding: 'binary', noSubdir: false, maxReaders: 126 }) as Environment<Key>
}
