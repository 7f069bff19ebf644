import { createHash } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { type Signed, signDocument, verifyDocument } from '../signedDocument.ts'
import type { PublicKey, Signer } from '../signing.ts'
import { fileText, jsonOrNull, type Manifest, manifestName, purpose, signatureName } from './manifest.ts'

/**
 * The signature of a package: which manifest it has, and of which request of whose. It is signed as receipts are, by an
 * owner of the tenant's partition; the manifest speaks for every other file.
 */
const facts = {
  tenant: Type.String(),
  request: Type.String(),
  purpose,
  madeAt: Type.String(),
  manifestSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
}
const strict = { additionalProperties: false } as const
const statementSchema = Type.Object(
  { kind: Type.Literal('export-manifest'), version: Type.Literal(1), ...facts },
  strict,
)

export type ManifestFacts = Static<typeof factsSchema>
export type SignedManifest = Signed<Static<typeof statementSchema>>

const factsSchema = Type.Object(facts, strict)
const isFacts = Compile(factsSchema)
const isStatement = Compile(statementSchema)

/** How a package gets its signature. */
export type Sign = (facts: ManifestFacts) => SignedManifest | Promise<SignedManifest>

/** What there is to sign of a manifest, whose file has these bytes. */
export function manifestFacts(manifest: Manifest, bytes: Uint8Array): ManifestFacts {
  const { tenant, request, purpose, madeAt } = manifest
  return {
    tenant,
    request,
    purpose,
    madeAt,
    manifestSha256: createHash('sha256').update(bytes).digest('hex'),
  }
}

/** Throws where it is asked to sign something else: what we sign is what we mean. */
export function signManifest(signer: Signer, asked: ManifestFacts): SignedManifest {
  if (!isFacts.Check(asked)) throw new Error('What is to be signed is no manifest of a package.')
  return signDocument(signer, { kind: 'export-manifest', version: 1, ...asked })
}

export type SignatureVerdict = {
  /** By which key it was signed; null: it was not, or nothing can be said. */
  readonly keyId: string | null
  /** What is wrong, and with which file; null: nothing. */
  readonly trouble: { readonly file: string; readonly says: string } | null
}

/** What the file of the signature says of a manifest. `expected` null: by whatever key. */
export function verifySignature(
  bytes: Uint8Array,
  manifest: ManifestFacts,
  expected: readonly PublicKey[] | null,
): SignatureVerdict {
  const no = (says: string, file = signatureName) => ({ keyId: null, trouble: { file, says } })
  const value = jsonOrNull(bytes)
  if (!isSigned(value) || fileText(value) !== Buffer.from(bytes).toString())
    return no('is no signature that this version reads')
  const verdict = verifyDocument(value, expected ?? [])
  if (verdict.kind === 'broken') return no('is not genuine: it was changed, or was never signed')
  const { keyId } = verdict
  if (verdict.kind === 'unexpected-key' && expected !== null)
    return no(`is by key ${keyId}, which is not the one expected: anybody may have made it`)
  if (value.manifestSha256 !== manifest.manifestSha256)
    return no('is not the one that was signed', manifestName)
  const isOfIt = (['tenant', 'request', 'purpose', 'madeAt'] as const).every(
    name => value[name] === manifest[name],
  )
  return isOfIt ? { keyId, trouble: null } : no('speaks of another package')
}

function isSigned(value: unknown): value is SignedManifest {
  if (typeof value !== 'object' || value === null || !('signature' in value)) return false
  const { signature: _, ...statement } = value
  return isStatement.Check(statement)
}
