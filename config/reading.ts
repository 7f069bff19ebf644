import { statSync } from 'node:fs'
import { join } from 'node:path'
import { openToReadAlong, type ReadingAlong } from './lmdbFile.ts'

/**
 * A store as somebody sees it who only reads, beside its owner. The owner's compaction puts another file in the place of
 * this one: it is let go as soon as that is noticed, for as long as it is open its bytes are on the disk.
 */
export type ReadStore<Key extends (string | number)[]> = Pick<
  ReadingAlong<Key>,
  'get' | 'getRange' | 'getKeys'
> & {
  /** From here on, until the end of this turn, it sees what is committed by now. */
  freshen(): void
  close(): Promise<void>
}

/** Throws where there is none. */
export function openToRead<Key extends (string | number)[]>(path: string): ReadStore<Key> {
  let [file, inode] = [openToReadAlong<Key>(path), inodeOf(path)]
  const closing = new Set<Promise<void>>()
  const letGo = (old: ReadingAlong<Key>) => {
    const closed = old.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }
  return {
    get: (...key) => file.get(...key),
    getRange: options => file.getRange(options),
    getKeys: options => file.getKeys(options),
    freshen: () => {
      const now = inodeOf(path)
      if (now !== inode) {
        const old = file
        ;[file, inode] = [openToReadAlong<Key>(path), now]
        letGo(old)
      }
      file.resetReadTxn()
    },
    close: async () => {
      letGo(file)
      await Promise.all(closing)
    },
  }
}

function inodeOf(path: string): number {
  return statSync(join(path, 'data.mdb')).ino
}
