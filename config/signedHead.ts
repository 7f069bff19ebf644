import type { AuditRecord } from '../core/audit.ts'
import { canonical } from './canonical.ts'
import { isSignedBy, type PublicKey, type Signer } from './signing.ts'

/** What we say of a tenant's chain at a moment: it goes up to this record, and that record has this hash. */
export type SignedHead = {
  readonly tenant: string
  readonly index: number
  readonly hash: string
  /** When it was signed. */
  readonly atMs: number
  readonly keyId: string
  readonly signature: string
}

export function signHead(
  signer: Signer,
  { tenant, index, hash }: Pick<AuditRecord, 'tenant' | 'index' | 'hash'>,
  atMs: number,
): SignedHead {
  const head = { tenant, index, hash, atMs, keyId: signer.keyId }
  return { ...head, signature: signer.sign('head', head) }
}

/** null: it is signed by one of the keys. Otherwise what is wrong, to follow “the signed head …”. */
export function headTrouble({ signature, ...head }: SignedHead, keys: readonly PublicKey[]): string | null {
  const key = keys.find(one => one.keyId === head.keyId)
  if (key === undefined) return `is signed with key ${head.keyId}, which is not one of those given`
  return isSignedBy(key, 'head', head, signature) ? null : 'has a signature that does not fit'
}

/** A head as it stands in a file of heads or anchors: one line, exactly the canonical form. */
export function headLine(head: SignedHead): string {
  return canonical(head)
}

/** Whether a value is a head and nothing more; whether its signature is good is another question. */
export function isSignedHead(value: unknown): value is SignedHead {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 6) return false
  const { tenant, index, hash, atMs, keyId, signature } = value as Record<string, unknown>
  return (
    typeof tenant === 'string' &&
    isCount(index) &&
    isHash(hash) &&
    isCount(atMs) &&
    /^[0-9a-f]{16}$/.test(String(keyId)) &&
    typeof keyId === 'string' &&
    typeof signature === 'string'
  )
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
const isHash = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
