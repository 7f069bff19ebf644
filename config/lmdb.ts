import { mkdirSync } from 'node:fs'
import { open, type Database } from 'lmdb'

/** The one door to LMDB. Values are bytes: what they mean is said by whoever packs them. */
type AnyKey = string | (string | number)[]
export type Environment<Key extends AnyKey> = Database<Buffer, Key> & { getStats(): object }

/** What a transaction may do. */
export type Changes<Key extends AnyKey> = { put(key: Key, bytes: Buffer): void; remove(key: Key): void }

/** The disk did not take a commit: nothing of it is there, and the environment goes on. `code` is the system's number. */
export class NotWritten extends Error {
  readonly code: number | null
  constructor(code: number | null) {
    super('the store could not be written')
    this.code = code
  }
}

/**
 * Opens, or makes, an environment in a folder of its own. Its map grows by itself; what can be full is the disk below.
 * Close it before the thread that opened it ends.
 */
export function openEnvironment<Key extends AnyKey>(path: string): Environment<Key> {
  mkdirSync(path, { recursive: true })
  return open<Buffer, Key>({
    path,
    encoding: 'binary',
    noSubdir: false,
    maxReaders: 126,
    // Its batches make promises that no caller can reach: one failed commit would end the process.
    eventTurnBatching: false,
  }) as Environment<Key>
}

/**
 * One transaction. Resolves when it is visible; what has to survive a power cut asks `isFlushed` then. Rejects with
 * `NotWritten`, or with what `work` throws, which does it before its first change: lmdb-js would keep what came earlier.
 * It rejects three promises for one failed commit; each is heard here, because one that nobody hears ends the process.
 */
export async function transact<Key extends AnyKey>(
  environment: Environment<Key>,
  work: (changes: Changes<Key>) => void,
): Promise<void> {
  const changes: Changes<Key> = {
    put: (key, bytes) => hear(environment.put(key, bytes)),
    remove: key => hear(environment.remove(key)),
  }
  try {
    await environment.transaction(() => work(changes))
  } catch (error) {
    const { commitError } = error as { commitError?: Promise<unknown> }
    if (commitError === undefined) throw error
    const code = await codeOf(commitError)
    // The flush of a failed commit never ends, and closing would wait for it: that of an empty one ends at once.
    await environment.transaction(() => undefined).catch(() => undefined)
    throw new NotWritten(code)
  }
}

function hear(promise: Promise<unknown>): void {
  promise.catch(() => undefined)
}

/** Resolves to whether everything so far survives a power cut; false: the disk did not take it. */
export async function isFlushed(
  environment: Environment<string> | Environment<(string | number)[]>,
): Promise<boolean> {
  try {
    await environment.flushed
    return true
  } catch (error) {
    hear((error as { commitError?: Promise<unknown> }).commitError ?? Promise.resolve())
    return false
  }
}

/** The system's number comes at once or, where another promise was faster, not at all. */
function codeOf(commitError: Promise<unknown>): Promise<number | null> {
  return new Promise(resolve => {
    commitError.catch((error: { code?: unknown }) =>
      resolve(typeof error.code === 'number' ? error.code : null),
    )
    setImmediate(() => resolve(null))
  })
}
