import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Where the files of a package go. Each is written once, from its beginning to its end. */
export type Target = {
  create(name: string): Promise<Sink>
  /** Takes away what was written: half a package is personal data that nobody asked for. */
  abandon(): Promise<void>
}

export type FileEntry = { readonly name: string; readonly bytes: number; readonly sha256: string }

/** A file as it is written, with the hash of what was written so far. */
export type Sink = {
  write(text: string | Uint8Array): Promise<void> | void
  close(): Promise<FileEntry>
}

class Running {
  readonly #hash: Hash = createHash('sha256')
  #bytes = 0

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk)
    this.#bytes += chunk.length
  }

  entry(name: string): FileEntry {
    return { name, bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }
}

/** Files in memory, for one subject. */
export function memoryTarget(): Target & { readonly files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>()
  return {
    files,
    abandon: async () => files.clear(),
    create: async name => {
      const running = new Running()
      const chunks: Buffer[] = []
      return {
        write: text => {
          const chunk = Buffer.from(text as string)
          running.add(chunk)
          chunks.push(chunk)
        },
        close: async () => {
          files.set(name, Buffer.concat(chunks))
          return running.entry(name)
        },
      }
    },
  }
}

/** A directory that is made for it, or is empty. Only its owner reads it. */
export async function directoryTarget(directory: string): Promise<Target> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  if ((await readdir(directory)).length > 0)
    throw new Error(`The directory ${directory} is not empty, and nothing is overwritten. Name a new one.`)
  const opened = new Map<string, FileHandle>()
  return {
    create: async name => {
      const file = await open(join(directory, name), 'wx', 0o600)
      opened.set(join(directory, name), file)
      return fileSink(name, file)
    },
    abandon: async () => {
      for (const [path, file] of opened) {
        await file.close().catch(() => {})
        await rm(path, { force: true })
      }
    },
  }
}

const chunkBytes = 128 * 1024

function fileSink(name: string, file: FileHandle): Sink {
  const running = new Running()
  let waiting: Buffer[] = []
  let waitingBytes = 0
  const flush = async () => {
    const chunk = Buffer.concat(waiting)
    waiting = []
    waitingBytes = 0
    running.add(chunk)
    await file.writeFile(chunk)
  }
  return {
    write: text => {
      const chunk = Buffer.from(text as string)
      waiting.push(chunk)
      waitingBytes += chunk.length
      if (waitingBytes >= chunkBytes) return flush()
    },
    close: async () => {
      await flush()
      await file.sync()
      await file.close()
      return running.entry(name)
    },
  }
}
