import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { open, type Database } from 'lmdb'
import {
  type Change,
  copyRows,
  makeCopyFolder,
  needRoom,
  putInPlace,
  removeCopy,
  TooBusy,
} from './compaction.ts'
import { bytesOrLent, whileLending } from './lending.ts'

/** The one door to LMDB. Values are bytes: what they mean is said by whoever packs them. */
type AnyKey = string | (string | number)[]
type File<Key extends AnyKey> = Database<Buffer, Key> & { getStats(): object }

/** An environment whose file may be replaced by a compacted one while it is open. It is written by `transact`. */
export type Environment<Key extends AnyKey> = Pick<
  File<Key>,
  'get' | 'doesExist' | 'getRange' | 'getKeys' | 'getKeysCount' | 'putSync' | 'getStats' | 'close'
> & {
  readonly flushed: Promise<unknown>
  /**
   * Shows the rows of a range one after the other. Their bytes are lent: the next row overwrites them, so that reading
   * millions leaves nothing behind to be cleared away. `lent` is a larger buffer with another `length`: whoever needs bytes
   * of their own takes `subarray(0, length)`. `see` reads nothing else from an environment meanwhile.
   */
  seeRange(range: { start: Key; end: Key; limit: number }, see: (key: Key, lent: Buffer) => void): void
  /** Writes the rows into a new file that takes the place of this one, so that nothing is left of what was removed. */
  compact(): Promise<Compacted>
  /** When its file was made: nothing that was removed before is in it. */
  madeAt(): number
  readonly inside: Inside<Key>
}

/** What it took: rows copied, the file's bytes before and after, and for how long nothing could be committed. */
export type Compacted = {
  readonly rows: number
  readonly bytesBefore: number
  readonly bytesAfter: number
  readonly pausedMs: number
}

type Inside<Key extends AnyKey> = {
  readonly path: string
  file: File<Key>
  /** What was committed since a copy was begun; null: none is being made. */
  changes: Change<Key>[] | null
  changedBytes: number
  /** Transactions wait for it while the file is replaced. */
  gate: Promise<void> | null
  readonly running: Set<Promise<unknown>>
  compacting: Promise<Compacted> | null
  closing: boolean
}

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
  removeCopy(path)
  const inside: Inside<Key> = {
    path,
    file: openFile(path),
    changes: null,
    changedBytes: 0,
    gate: null,
    running: new Set(),
    compacting: null,
    closing: false,
  }
  return {
    inside,
    get: (...key) => inside.file.get(...key),
    doesExist: (key: Key) => inside.file.doesExist(key),
    getKeysCount: options => inside.file.getKeysCount(options),
    getRange: options => inside.file.getRange(options),
    getKeys: options => inside.file.getKeys(options),
    seeRange: (range, see) =>
      whileLending(() => {
        for (const { key, value } of inside.file.getRange(range)) see(key, value)
      }),
    putSync: (key: Key, bytes: Buffer) => inside.file.putSync(key, bytes),
    getStats: () => inside.file.getStats(),
    get flushed() {
      return inside.file.flushed
    },
    compact: () => {
      inside.compacting ??= compact(inside).finally(() => {
        inside.compacting = null
      })
      return inside.compacting
    },
    madeAt: () => environmentMadeAt(path) ?? 0,
    close: async () => {
      inside.closing = true
      await inside.compacting?.catch(() => undefined)
      await inside.file.close()
    },
  }
}

/** When the file of an environment was made, by whichever process; null: there is none in this folder. */
export function environmentMadeAt(path: string): number | null {
  const found = statSync(join(path, 'data.mdb'), { throwIfNoEntry: false })
  // 0: a file system that does not keep it.
  return found === undefined ? null : found.birthtimeMs || found.mtimeMs
}

/** What somebody may do who reads a store that another thread of this process has open. */
export type Reading<Key extends AnyKey> = Pick<File<Key>, 'get' | 'getRange' | 'getKeys' | 'close'> & {
  /** From here on it sees what is committed by now. */
  resetReadTxn(): void
}

/**
 * Opens an environment that is there, to read from: the file that has this name now. See `reading.ts`. Threads of a process share what
 * they open, as the first of them opened it: one that was opened for reading alone would take no commit of its owner.
 */
export function openFileToRead<Key extends AnyKey>(path: string): Reading<Key> {
  return openFile<Key>(path) as File<Key> & Reading<Key>
}

function openFile<Key extends AnyKey>(path: string): File<Key> {
  return open<Buffer, Key>({
    path,
    encoding: 'binary',
    encoder: bytesOrLent,
    noSubdir: false,
    maxReaders: 126,
    // Its batches make promises that no caller can reach: one failed commit would end the process.
    eventTurnBatching: false,
  }) as File<Key>
}

const changedBytesMax = 128 * 1024 * 1024

/**
 * Transactions go on while the rows are copied, and are made again on the copy; only what is left at the end has to wait
 * until the copy is in the file's place.
 */
async function compact<Key extends AnyKey>(inside: Inside<Key>): Promise<Compacted> {
  await needRoom(inside.path)
  const copy = openFile<Key>(makeCopyFolder(inside.path))
  inside.changes = []
  inside.changedBytes = 0
  let open: () => void = () => undefined
  try {
    // What was under way before nobody keeps: it has to be there when the first rows are read.
    await settled(inside)
    const goesOn = () => !inside.closing && inside.changedBytes <= changedBytesMax
    const rows = await copyRows<Key>(inside.file, changes => putAll(copy, changes), goesOn)
    await putAll(copy, inside.changes.splice(0))
    await copy.flushed
    if (!goesOn()) throw new TooBusy('the store changed too much, or closes')
    const began = performance.now()
    inside.gate = new Promise(resolve => {
      open = resolve
    })
    await settled(inside)
    await putAll(copy, inside.changes.splice(0))
    await copy.flushed
    const old = inside.file
    const bytesBefore = bytesOf(inside)
    putInPlace(inside.path)
    inside.file = copy
    release(inside, open)
    const pausedMs = performance.now() - began
    await old.close().catch(() => undefined)
    return { rows, bytesBefore, bytesAfter: bytesOf(inside), pausedMs }
  } catch (error) {
    release(inside, open)
    await copy.close().catch(() => undefined)
    removeCopy(inside.path)
    throw error
  }
}

function putAll<Key extends AnyKey>(copy: File<Key>, changes: readonly Change<Key>[]): Promise<void> {
  const work = ({ put, remove }: Changes<Key>) => {
    for (const [key, bytes] of changes) {
      if (bytes === null) remove(key)
      else put(key, bytes)
    }
  }
  return changes.length === 0 ? Promise.resolve() : write(copy, work, [])
}

function release<Key extends AnyKey>(inside: Inside<Key>, open: () => void): void {
  inside.changes = null
  inside.gate = null
  open()
}

/** Resolves when no transaction is under way that was begun before. */
async function settled<Key extends AnyKey>({ running }: Inside<Key>): Promise<void> {
  await Promise.allSettled(running)
}

function bytesOf<Key extends AnyKey>({ path }: Inside<Key>): number {
  return statSync(join(path, 'data.mdb')).size
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
  const { inside } = environment
  while (inside.gate !== null) await inside.gate
  const { file, changes: kept } = inside
  const made: Change<Key>[] = []
  const running = write(file, work, made)
  inside.running.add(running)
  try {
    await running
    keepChanges(inside, kept, made)
  } finally {
    inside.running.delete(running)
  }
}

/** For the copy that is being made; in the order of the commits, which is that of their promises. */
function keepChanges<Key extends AnyKey>(
  inside: Inside<Key>,
  kept: Change<Key>[] | null,
  made: readonly Change<Key>[],
): void {
  if (kept === null) return
  for (const change of made) {
    kept.push(change)
    inside.changedBytes += change[1]?.length ?? 0
  }
}

async function write<Key extends AnyKey>(
  file: File<Key>,
  work: (changes: Changes<Key>) => void,
  made: Change<Key>[],
): Promise<void> {
  const changes: Changes<Key> = {
    put: (key, bytes) => {
      made.push([key, bytes])
      hear(file.put(key, bytes))
    },
    remove: key => {
      made.push([key, null])
      hear(file.remove(key))
    },
  }
  try {
    await file.transaction(() => work(changes))
  } catch (error) {
    const { commitError } = error as { commitError?: Promise<unknown> }
    if (commitError === undefined) throw error
    const code = await codeOf(commitError)
    // The flush of a failed commit never ends, and closing would wait for it: that of an empty one ends at once.
    await file.transaction(() => undefined).catch(() => undefined)
    throw new NotWritten(code)
  }
}

function hear(promise: Promise<unknown>): void {
  promise.catch(() => undefined)
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
