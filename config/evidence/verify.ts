import {
  compareFile,
  entryOf,
  type PackageSource,
  type PackageTrouble,
  wholeFile,
} from '../export/readPackage.ts'
import { sumsName, sumsText } from '../export/manifest.ts'
import type { FileEntry } from '../export/target.ts'
import { type DocumentVerdict, verifyDocument } from '../signedDocument.ts'
import type { PublicKey } from '../signing.ts'
import { type EvidenceManifest, evidenceManifestName } from './collect.ts'

/** Evidence as an auditor has it: whether every file is what the manifest says, and the manifest what was signed. */
export type EvidenceVerified = {
  /** null: it cannot be told to be evidence. */
  readonly manifest: EvidenceManifest | null
  /** As the audit chain has it (`evidence-made`). */
  readonly sha256: string
  /** null: it is not signed. */
  readonly signature: DocumentVerdict | null
  readonly troubles: readonly PackageTrouble[]
}

export async function verifyEvidence(
  source: PackageSource,
  expected: readonly PublicKey[],
): Promise<EvidenceVerified> {
  const names = await source.names()
  const bytes = names.includes(evidenceManifestName) ? await wholeFile(source, evidenceManifestName) : null
  const manifest = bytes === null ? null : manifestIn(bytes)
  if (bytes === null || manifest === null) {
    const trouble = { file: evidenceManifestName, says: 'is missing, or no manifest that this version reads' }
    return { manifest: null, sha256: '', signature: null, troubles: [trouble] }
  }
  const own = entryOf(evidenceManifestName, bytes)
  const files = manifest.kinds.map(({ file }) => file)
  const troubles: PackageTrouble[] = []
  for (const file of files)
    troubles.push(...(names.includes(file.name) ? await compareFile(source, file) : [missing(file.name)]))
  troubles.push(...strangers(names, files), ...(await compareSums(source, names, [...files, own])))
  const signature = 'signature' in manifest ? verifyDocument(manifest, expected) : null
  return { manifest, sha256: own.sha256, signature, troubles }
}

const indexName = 'index.md'
const missing = (file: string): PackageTrouble => ({ file, says: 'is missing' })

function manifestIn(bytes: Buffer): EvidenceManifest | null {
  try {
    const value = JSON.parse(bytes.toString()) as Partial<EvidenceManifest> | null
    return value?.format === 'ringtrail-evidence' && value.version === 1 && areFiles(value.kinds)
      ? (value as EvidenceManifest)
      : null
  } catch {
    return null
  }
}

function areFiles(kinds: unknown): boolean {
  return Array.isArray(kinds) && kinds.every(kind => typeof kind?.file?.name === 'string')
}

function strangers(names: readonly string[], files: readonly FileEntry[]): PackageTrouble[] {
  const known = [...files.map(({ name }) => name), evidenceManifestName, indexName, sumsName]
  return names.filter(name => !known.includes(name)).map(file => ({ file, says: 'is not in the manifest' }))
}

/** The sums are all that speaks of the index. */
async function compareSums(
  source: PackageSource,
  names: readonly string[],
  listed: readonly FileEntry[],
): Promise<PackageTrouble[]> {
  for (const name of [indexName, sumsName]) if (!names.includes(name)) return [missing(name)]
  const [index, said] = [await wholeFile(source, indexName), await wholeFile(source, sumsName)]
  const all = [...listed, entryOf(indexName, index ?? Buffer.alloc(0))]
  if (said?.toString() === sumsText(all)) return []
  return [{ file: sumsName, says: `says something else than the manifest, or than ${indexName} is` }]
}
