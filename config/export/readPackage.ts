import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileNames } from './makePackage.ts'
import type { PublicKey } from '../signing.ts'
import { type Manifest, manifestName, readManifest, signatureName, sumsName, sumsText } from './manifest.ts'
import { isRecordOf, type OpenedRecord, recordKinds } from './records.ts'
import { type ManifestFacts, manifestFacts, verifySignature } from './signature.ts'
import type { FileEntry } from './target.ts'
import { unzipFiles, zipBytesMax } from './zip.ts'

/** Where the files of a package are read from: a directory, a ZIP, or memory. */
export type PackageSource = {
  names(): Promise<readonly string[]>
  read(name: string): AsyncIterable<Uint8Array>
}

/** One thing that is wrong, with the file that it is wrong with. */
export type PackageTrouble = { readonly file: string; readonly says: string }

export type Verified = {
  /** null: the package cannot be told to be one. */
  readonly manifest: Manifest | null
  /** The id of the key that signed it; null: it is not signed, or the signature is worth nothing. */
  readonly signedBy: string | null
  readonly troubles: readonly PackageTrouble[]
}

/** A package on disk. Throws a sentence where there is none. */
export async function openPackage(path: string): Promise<PackageSource> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new Error(`There is nothing at ${path}.`)
  if (found.isDirectory())
    return { names: () => readdir(path), read: name => createReadStream(join(path, name)) }
  if (found.size > zipBytesMax) throw new Error(`${path} is larger than a package in a ZIP.`)
  return packageIn(unzipFiles(await readFile(path)))
}

export function packageIn(files: ReadonlyMap<string, Uint8Array>): PackageSource {
  return {
    names: async () => [...files.keys()],
    read: name => Readable.from([Buffer.from(files.get(name) ?? new Uint8Array())]),
  }
}

/**
 * Compares every byte with the manifest, the manifest with its signature, and every record with its schema. `expected`: the
 * keys of which one has to have signed it; null: it may be unsigned, or signed by anybody.
 */
export async function verifyPackage(
  source: PackageSource,
  expected: readonly PublicKey[] | null,
): Promise<Verified> {
  const names = await source.names()
  if (!names.includes(manifestName))
    return broken(manifestName, 'is missing: the package was cut short, or is none')
  const bytes = await wholeFile(source, manifestName)
  const manifest = bytes === null ? null : readManifest(bytes)
  if (bytes === null || manifest === null)
    return broken(manifestName, 'is not a manifest that this version reads')
  const facts = manifestFacts(manifest, bytes)
  const signed = await signatureOf(source, names, facts, expected)
  const troubles = [...signed.troubles]
  const files = new Map(manifest.files.map(file => [file.name, file]))
  for (const file of files.values())
    troubles.push(...(names.includes(file.name) ? await compareFile(source, file) : [missing(file.name)]))
  const known = [...files.keys(), manifestName, signatureName, sumsName]
  for (const name of names)
    if (!known.includes(name)) troubles.push({ file: name, says: 'is not in the manifest' })
  for (const name of requiredNames) if (!files.has(name)) troubles.push(missing(name))
  const listed = [...manifest.files, entryOf(manifestName, bytes), ...signed.entry]
  troubles.push(...(await compareSums(source, names, listed)))
  if (troubles.length === 0) troubles.push(...(await compareRecords(source, manifest)))
  return { manifest, signedBy: signed.by, troubles }
}

const requiredNames = recordKinds.flatMap(kind => [`${fileNames[kind]}.jsonl`, `${fileNames[kind]}.csv`])
const smallFileMax = 1024 * 1024

function broken(file: string, says: string): Verified {
  return { manifest: null, signedBy: null, troubles: [{ file, says }] }
}

const missing = (file: string): PackageTrouble => ({ file, says: 'is missing' })

/** null: it is larger than such a file is. */
export async function wholeFile(source: PackageSource, name: string): Promise<Buffer | null> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of source.read(name)) {
    bytes += chunk.length
    if (bytes > smallFileMax) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

export function entryOf(name: string, bytes: Uint8Array): FileEntry {
  return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

type SignatureFound = {
  readonly by: string | null
  readonly entry: readonly FileEntry[]
  readonly troubles: readonly PackageTrouble[]
}

async function signatureOf(
  source: PackageSource,
  names: readonly string[],
  manifest: ManifestFacts,
  expected: readonly PublicKey[] | null,
): Promise<SignatureFound> {
  if (!names.includes(signatureName)) {
    const unsigned = { file: signatureName, says: 'is missing: the package is not signed' }
    return { by: null, entry: [], troubles: expected === null ? [] : [unsigned] }
  }
  const bytes = await wholeFile(source, signatureName)
  if (bytes === null)
    return { by: null, entry: [], troubles: [{ file: signatureName, says: 'is larger than a signature is' }] }
  const { keyId, trouble } = verifySignature(bytes, manifest, expected)
  return {
    by: keyId,
    entry: [entryOf(signatureName, bytes)],
    troubles: trouble === null ? [] : [trouble],
  }
}

/** Nothing, or what is other than it is said to be. */
export async function compareFile(source: PackageSource, file: FileEntry): Promise<PackageTrouble[]> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of source.read(file.name)) {
    hash.update(chunk)
    bytes += chunk.length
  }
  if (bytes !== file.bytes)
    return [{ file: file.name, says: `has ${bytes} bytes, the manifest says ${file.bytes}` }]
  const sha256 = hash.digest('hex')
  if (sha256 === file.sha256) return []
  return [{ file: file.name, says: `has the SHA-256 ${sha256}, the manifest says ${file.sha256}` }]
}

async function compareSums(
  source: PackageSource,
  names: readonly string[],
  listed: readonly FileEntry[],
): Promise<PackageTrouble[]> {
  if (!names.includes(sumsName)) return [missing(sumsName)]
  const said = await wholeFile(source, sumsName)
  if (said?.toString() === sumsText(listed)) return []
  return [{ file: sumsName, says: 'says something else than the manifest' }]
}

async function compareRecords(source: PackageSource, manifest: Manifest): Promise<PackageTrouble[]> {
  const counts = new Map<string, number>()
  try {
    for await (const record of importRecords(source))
      counts.set(record.kind, (counts.get(record.kind) ?? 0) + 1)
  } catch (error) {
    if (error instanceof NotARecord) return [{ file: error.file, says: error.says }]
    throw error
  }
  return recordKinds.flatMap(kind => {
    const [found, said] = [counts.get(kind) ?? 0, manifest.counts[kind]]
    if (found === said) return []
    return [{ file: `${fileNames[kind]}.jsonl`, says: `holds ${found} records, the manifest says ${said}` }]
  })
}

class NotARecord extends Error {
  readonly file: string
  readonly says: string

  constructor(file: string, says: string) {
    super(`${file} ${says}`)
    this.file = file
    this.says = says
  }
}

/** The records as they were given to the package, in the order of its files. Throws where a line is none; it quotes none. */
export async function* importRecords(source: PackageSource): AsyncGenerator<OpenedRecord> {
  for (const kind of recordKinds) {
    const file = `${fileNames[kind]}.jsonl`
    let line = 0
    for await (const text of linesOf(source.read(file))) {
      line++
      const value = jsonOrNull(text)
      if (!isRecordOf(kind, value)) throw new NotARecord(file, `has a line ${line} that is no ${kind}`)
      yield value
    }
  }
}

const lineCharsMax = 8 * 1024 * 1024

/** Lines end in a line feed and nothing else: other marks that end a line somewhere may stand in a text. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > lineCharsMax) break
    yield* lines
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
