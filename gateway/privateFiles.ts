import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Files of commands that handle personal data. What names a person is read from one, or from standard input, so that it
 * stands neither in the list of processes nor in a shell's history; what is written is its user's alone, and overwrites
 * nothing.
 */

/** What stands in a file, or for `-` in standard input, without the space around it. Throws a sentence. */
export function readPrivate(file: string, what: string): string {
  if (file === '-' && process.stdin.isTTY) {
    process.stderr.write(`Type ${what}, then Enter and Ctrl-D:\n`)
  }
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8').trim()
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
  if (text === '' || text.includes('\n')) {
    throw new Error(`${file === '-' ? 'Standard input' : file} has to hold ${what}, in one line.`)
  }
  return text
}

export type PrivateFile = { write(bytes: string | Uint8Array): void }

/**
 * Makes files before anything is asked for, lets `use` fill them, and removes them where it fails: so a place that is
 * taken is said before the reading of personal data is recorded, and no half of a file is left. Throws a sentence.
 */
export async function withPrivateFiles(
  paths: readonly string[],
  use: (files: readonly PrivateFile[]) => Promise<void>,
): Promise<void> {
  const made: { path: string; fd: number }[] = []
  try {
    for (const path of paths) made.push({ path, fd: openNew(path) })
    await use(made.map(({ fd }) => ({ write: bytes => writeAll(fd, bytes) })))
    for (const { fd } of made) closeSync(fd)
  } catch (error) {
    for (const { path, fd } of made) {
      closeSync(fd)
      rmSync(path, { force: true })
    }
    throw error
  }
}

function openNew(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(
      code === 'EEXIST'
        ? `${path} is there already, and nothing is overwritten. Name another file.`
        : `${path} cannot be written (${code}).`,
    )
  }
}

function writeAll(fd: number, given: string | Uint8Array): void {
  const bytes = typeof given === 'string' ? Buffer.from(given) : given
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
  fsyncSync(fd)
}
