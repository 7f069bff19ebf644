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

const manifestSchema = Type.Object(
  {
    format: Type.Literal(formatName),
    version: Type.Literal(formatVersion),
    purpose: Type.Union([Type.Literal('access'), Type.Literal('portability'), Type.Literal('return')]),
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

/** Over the manifest's bytes as they are in the file. */
export type Signature = {
  readonly algorithm: 'Ed25519'
  /** Public key and signature, base64url. */
  readonly key: string
  readonly signature: string
}
export type Sign = (manifest: Uint8Array) => Signature | Promise<Signature>

const signatureCheck = Compile(
  Type.Object({ algorithm: Type.Literal('Ed25519'), key: Type.String(), signature: Type.String() }, strict),
)

/** null: the bytes are no manifest of a version that is known here. */
export function readManifest(bytes: Uint8Array): Manifest | null {
  const value = jsonOrNull(bytes)
  return check.Check(value) ? value : null
}

export function readSignature(bytes: Uint8Array): Signature | null {
  const value = jsonOrNull(bytes)
  return signatureCheck.Check(value) ? value : null
}

/** `<sha256>  <name>` for each file, as sha256sum writes it. */
export function sumsText(files: readonly FileEntry[]): string {
  return files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('')
}

function jsonOrNull(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
}
