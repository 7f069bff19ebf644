import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'

/**
 * A store's rows, copied one by one into a new file that takes the place of the old one. LMDB's own compacting copy is
 * ten times as fast and drops free pages, but takes pages as they are, and in the room between their rows stand the bytes
 * of rows that were removed (2,282 of 25,000, measured). A file into which only rows were put that are there holds no others.
 */

/** The disk has no room for a second file beside the first. */
export class NoRoom extends Error {}

/** So many changes were made meanwhile that remembering them would take the memory: tried again when it is calmer. */
export class TooBusy extends Error {}

/** One row that was put, or removed (null), since the copy was begun. */
export type Change<Key> = readonly [key: Key, bytes: Buffer | null]

/** What a copy asks of the file that it is made from, and of the one that it makes. */
type Rows<Key> = {
  getRange(options: { start?: Key; limit: number }): Iterable<{ key: Key; value: Buffer }>
}
/** Makes changes on the copy, in one transaction. */
type Put<Key> = (changes: readonly Change<Key>[]) => Promise<void>

const rowsPerSlice = 128
const spareBytes = 32 * 1024 * 1024
/** More than a new file begins with. A quota is in no count of the disk's free blocks, so it is tried. */
const firstPagesBytes = 64 * 1024

/** Where a copy is made. What a crash left there is half of a copy, and goes. */
export function copyFolder(path: string): string {
  return join(path, 'compacting')
}

export function removeCopy(path: string): void {
  rmSync(copyFolder(path), { recursive: true, force: true })
}

/** Throws where the disk has not the room for the whole file once more. */
export async function needRoom(path: string): Promise<void> {
  const needed = statSync(join(path, 'data.mdb')).size + spareBytes
  const { bavail, bsize } = await statfs(path)
  if (bavail * bsize < needed) throw new NoRoom('the disk has no room to compact the store')
}

/** Copies all rows, a few at a time: no reader stays open and nothing else waits for more than a slice. */
export async function copyRows<Key>(from: Rows<Key>, put: Put<Key>, goesOn: () => boolean): Promise<number> {
  let rows = 0
  let last: Key | undefined
  for (;;) {
    if (!goesOn()) return rows
    const range = last === undefined ? {} : { start: last }
    const slice: Change<Key>[] = []
    for (const { key, value } of from.getRange({ ...range, limit: rowsPerSlice })) slice.push([key, value])
    // A slice begins with the row that the one before it ended with, where that is still there.
    if (slice.length === 0 || (slice.length === 1 && same(slice[0]?.[0], last))) return rows
    await put(slice)
    rows += slice.length
    last = slice.at(-1)?.[0]
    await turn()
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/**
 * Puts the copy in the place of the file, by a rename: a crash leaves the one or the other, whole. The old one is not
 * overwritten first: it has no name any more, a file system that copies on write or a flash disk would write elsewhere
 * anyway, and every byte of a large store would be written once more. What protects a raw disk is discard, and the keys.
 */
export function putInPlace(path: string): void {
  const copy = copyFolder(path)
  renameSync(join(copy, 'data.mdb'), join(path, 'data.mdb'))
  // From here on the copy is the store: whatever else fails, nothing may go on with the old one.
  try {
    renameSync(join(copy, 'lock.mdb'), join(path, 'lock.mdb'))
    const folder = openSync(path, 'r')
    fsyncSync(folder)
    closeSync(folder)
    removeCopy(path)
  } catch {
    // A lock is made anew by the next that opens the store, and what is left of the copy goes with the next.
  }
}

/** Throws where nothing can be written: LMDB would end the process at the first pages of a new file (SIGSEGV, seen). */
export function makeCopyFolder(path: string): string {
  removeCopy(path)
  const copy = copyFolder(path)
  mkdirSync(copy, { recursive: true })
  const room = join(copy, 'room')
  try {
    writeFileSync(room, Buffer.alloc(firstPagesBytes))
  } finally {
    rmSync(room, { force: true })
  }
  return copy
}
