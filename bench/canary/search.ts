import { closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { constants, inflateRawSync, inflateSync } from 'node:zlib'
import { encodingsOf, type Pattern } from './encodings.ts'

/** Where a needle stands. Inside a compressed part the offset is that of the part, and the encoding names it first. */
export type Hit = {
  readonly needle: string
  readonly file: string
  readonly offset: number
  readonly encoding: string
}

type Wanted = { readonly needle: string; readonly patterns: readonly Pattern[] }

const chunkBytes = 64 * 1024 * 1024
/** As long as a compressed part that crosses the end of a chunk may be for it to be found whole. */
const overlapBytes = 1024 * 1024
const unpackedBytesMax = 64 * 1024 * 1024
const depthMax = 3

/**
 * Searches the raw bytes of every file under the folders, and the names of the files, for each needle in every encoding,
 * also inside gzip members, zip entries and zlib streams, which are known by their signatures wherever they begin.
 */
export function searchFiles(folders: readonly string[], needles: readonly string[]): Hit[] {
  const wanted = needles.map(needle => ({ needle, patterns: encodingsOf(needle) }))
  return folders
    .flatMap(filesUnder)
    .flatMap(file => [...searchName(file, wanted), ...searchFile(file, wanted)])
}

/** Every regular file; a link is not followed, and what is gone again meanwhile is not there. */
function filesUnder(path: string): string[] {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return []
  if (found.isFile()) return [path]
  return found.isDirectory() ? readdirSync(path).flatMap(name => filesUnder(join(path, name))) : []
}

function searchName(file: string, wanted: readonly Wanted[]): Hit[] {
  return searchBytes(Buffer.from(file), wanted, 0).map(hit => ({
    ...hit,
    file,
    encoding: `name ${hit.encoding}`,
  }))
}

function searchFile(file: string, wanted: readonly Wanted[]): Hit[] {
  const fd = openSync(file, 'r')
  const hits = new Map<string, Hit>()
  try {
    const chunk = Buffer.alloc(Math.min(chunkBytes, lstatSync(file).size + 1))
    for (let at = 0; ; at += chunk.length - overlapBytes) {
      const length = fill(fd, chunk, at)
      for (const { offset, ...hit } of searchBytes(chunk.subarray(0, length), wanted, 0)) {
        const whole = { ...hit, file, offset: at + offset }
        hits.set(`${whole.needle} ${whole.offset} ${whole.encoding}`, whole)
      }
      if (length < chunk.length) return [...hits.values()]
    }
  } finally {
    closeSync(fd)
  }
}

/** Reads as much as there is room for, or as there is. */
function fill(fd: number, into: Buffer, from: number): number {
  let length = 0
  while (length < into.length) {
    const read = readSync(fd, into, length, into.length - length, from + length)
    if (read === 0) break
    length += read
  }
  return length
}

type Found = Omit<Hit, 'file'>

function searchBytes(bytes: Buffer, wanted: readonly Wanted[], depth: number): Found[] {
  const hits: Found[] = []
  for (const { needle, patterns } of wanted) {
    for (const { encoding, bytes: pattern } of patterns) {
      for (const offset of everyIndexOf(bytes, pattern)) hits.push({ needle, offset, encoding })
    }
  }
  if (depth >= depthMax) return hits
  for (const { kind, offset, bytes: inner } of unpackAll(bytes)) {
    for (const hit of searchBytes(inner, wanted, depth + 1)) {
      hits.push({ needle: hit.needle, offset, encoding: `${kind} ${hit.encoding}` })
    }
  }
  return hits
}

function* everyIndexOf(bytes: Buffer, pattern: Buffer): Generator<number> {
  for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1)) yield at
}

type Part = { readonly kind: string; readonly offset: number; readonly bytes: Buffer }

const lenient = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: unpackedBytesMax }
const zlibHeads = [0x01, 0x5e, 0x9c, 0xda].map(level => Buffer.from([0x78, level]))

function* unpackAll(bytes: Buffer): Generator<Part> {
  for (const offset of everyIndexOf(bytes, Buffer.from([0x1f, 0x8b, 0x08])))
    yield* unpacked('gzip', offset, () => unpackMember(bytes, offset))
  for (const offset of everyIndexOf(bytes, Buffer.from('PK\x03\x04')))
    yield* unpacked('zip', offset, () => unzipEntry(bytes, offset))
  for (const head of zlibHeads) {
    for (const offset of everyIndexOf(bytes, head))
      yield* unpacked('zlib', offset, () => inflateSync(bytes.subarray(offset), lenient))
  }
}

/** What only looked like the beginning of a compressed part is none. */
function* unpacked(kind: string, offset: number, unpack: () => Buffer): Generator<Part> {
  try {
    const bytes = unpack()
    if (bytes.length > 0) yield { kind, offset, bytes }
  } catch {
    // Not one: bytes that happen to look like it.
  }
}

/** A zip entry from its local header on; one that is only stored stands in the file as it is. */
function unzipEntry(bytes: Buffer, offset: number): Buffer {
  const method = bytes.readUInt16LE(offset + 8)
  if (method !== 8) return Buffer.alloc(0)
  const data = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28)
  return inflateRawSync(bytes.subarray(data), lenient)
}

/** A gzip member without its checksum: also one that was cut off, or that other bytes follow. */
function unpackMember(bytes: Buffer, offset: number): Buffer {
  const flags = bytes.readUInt8(offset + 3)
  let data = offset + 10
  if (flags & 4) data += 2 + bytes.readUInt16LE(data)
  for (const flag of [8, 16]) if (flags & flag) data = bytes.indexOf(0, data) + 1
  if (flags & 2) data += 2
  return inflateRawSync(bytes.subarray(data), lenient)
}
