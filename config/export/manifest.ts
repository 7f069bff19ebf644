import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { FileEntry } from './target.ts'

export const formatName = 'ringtrail-export'
export const formatVersion = 1
export const manifestName = 'manifest.json'
export const signatureName = 'manifest.signature.json'
/** What `sha256sum -c` reads. */
export const sumsName = 'SHA256SUMS'

const strict = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0 })

/** Of a package: what it was made for. */
export const purpose = Type.Union([
  Type.Literal('access'),
  Type.Literal('portability'),
  Type.Literal('return'),
])

const manifestSchema = Type.Object(
  {
    format: Type.Literal(formatName),
    version: Type.Literal(formatVersion),
    purpose,
    tenant: Type.String(),
    request: Type.String(),
    madeAt: Type.String(),
    counts: Type.Object({ session: count, 'page-view': count, engagement: count, call: count }, strict),
    files: Type.Array(
      Type.Object(
        {
          name: Type.String({ pattern: '^[a-z][a-z0-9.-]{0,62}$' }),
          bytes: count,
          sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        },
        strict,
      ),
      { maxItems: 32 },
    ),
  },
  strict,
)

/** What a package says of itself: every file but the signature and the sums, which speak of the manifest. */
export type Manifest = Static<typeof manifestSchema>

const check = Compile(manifestSchema)

/** null: the bytes are no manifest of a version that is known here. */
export function readManifest(bytes: Uint8Array): Manifest | null {
  const value = jsonOrNull(bytes)
  return check.Check(value) ? value : null
}

/** JSON as it stands in the files of a package. */
export function fileText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** `<sha256>  <name>` for each file, as sha256sum writes it. */
export function sumsText(files: readonly FileEntry[]): string {
  return files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('')
}

export function jsonOrNull(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
}
