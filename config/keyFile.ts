import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const keyBytes = 32

/**
 * A key of 32 bytes: 64 hexadecimal digits in a file. One that was configured has to exist; where none was, one of that
 * name in the data directory is read, and made at the first start (mode 0600, whole or not at all). Throws an error that
 * names the file and what to do.
 */
export function loadKeyFile(wanted: {
  readonly name: 'pepper' | 'root-key'
  readonly dataDir: string
  readonly file: string | null
}): Buffer {
  const { name, dataDir, file } = wanted
  if (file !== null) return readKey(name, file)
  const own = join(dataDir, name)
  mkdirSync(dataDir, { recursive: true })
  return readKey(name, own, () => makeKey(name, dataDir, own))
}

function readKey(name: string, file: string, make?: () => void): Buffer {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ENOENT' || !make) throw new Error(`The ${name} file ${file} cannot be read (${code}).`)
    make()
    return readKey(name, file)
  }
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw new Error(
      `The ${name} file ${file} has to hold 64 hexadecimal digits, as "openssl rand -hex 32" writes them.`,
    )
  }
  return Buffer.from(text, 'hex')
}

/** Written aside, then linked into place: a reader sees all of it or nothing, and of two makers the first wins. */
function makeKey(name: string, dataDir: string, file: string): void {
  const aside = `${file}.${randomBytes(6).toString('hex')}`
  try {
    writeFlushed(aside, `${randomBytes(keyBytes).toString('hex')}\n`)
    linkSync(aside, file)
    flushDirectory(dataDir)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'EEXIST') throw new Error(`The ${name} file ${file} cannot be made (${code}).`)
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
