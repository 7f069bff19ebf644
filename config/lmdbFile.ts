import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, open } from 'lmdb'
import { bytesOrLent } from './lending.ts'

/** The one door to LMDB. Values are bytes: what they mean is said by whoever packs them. */
export type AnyKey = string | (string | number)[]
export type File<Key extends AnyKey> = Database<Buffer, Key> & { getStats(): object }

export function openFile<Key extends AnyKey>(path: string, more: { readOnly?: boolean } = {}): File<Key> {
  return open<Buffer, Key>({
    ...more,
    path,
    encoding: 'binary',
    encoder: bytesOrLent,
    noSubdir: false,
    maxReaders: 126,
    // Its batches make promises that no caller can reach: one failed commit would end the process.
    eventTurnBatching: false,
  }) as File<Key>
}

/** When the file of an environment was made, by whichever process; null: there is none in this folder. */
export function environmentMadeAt(path: string): number | null {
  const found = statSync(join(path, 'data.mdb'), { throwIfNoEntry: false })
  // 0: a file system that does not keep it.
  return found === undefined ? null : found.birthtimeMs || found.mtimeMs
}

/** An environment that another process may be writing to meanwhile: nothing in it, or beside it, is changed. */
export type Reading<Key extends AnyKey> = Pick<
  File<Key>,
  'get' | 'doesExist' | 'getRange' | 'getKeys' | 'close'
> & {
  /** Whether the folder still holds what is read here: its owner may have put a compacted copy in its place. */
  isCurrent(): boolean
}

/** Opens an environment to read it; null: there is none in this folder. */
export function openToRead<Key extends AnyKey>(path: string): Reading<Key> | null {
  if (environmentMadeAt(path) === null) return null
  const before = filesIn(path)
  const file = openFile<Key>(path, { readOnly: true })
  return {
    get: (...key) => file.get(...key),
    doesExist: (key: Key) => file.doesExist(key),
    getRange: options => file.getRange(options),
    getKeys: options => file.getKeys(options),
    close: () => file.close(),
    isCurrent: () => filesIn(path) === before,
  }
}

/** What somebody may do who reads a store that another thread of this process has open. */
export type ReadingAlong<Key extends AnyKey> = Pick<File<Key>, 'get' | 'getRange' | 'getKeys' | 'close'> & {
  /** From here on it sees what is committed by now. */
  resetReadTxn(): void
}

/**
 * Opens an environment that is there, to read from: the file that has this name now. See `reading.ts`. Threads of a process
 * share what they open, as the first of them opened it: one that was opened for reading alone would take no commit of its owner.
 */
export function openToReadAlong<Key extends AnyKey>(path: string): ReadingAlong<Key> {
  return openFile<Key>(path) as File<Key> & ReadingAlong<Key>
}

/** Which files they are: a reader is announced in the lock, and one announced in another file's lock is not seen. */
function filesIn(path: string): string {
  return ['data.mdb', 'lock.mdb']
    .map(name => statSync(join(path, name), { throwIfNoEntry: false })?.ino ?? 'none')
    .join(' ')
}
