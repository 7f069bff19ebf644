import { signReceipt } from '../config/receipts.ts'
import type { Signed } from '../config/signedDocument.ts'
import type { DeletionCertificate } from '../core/receipt.ts'
import { headNow } from './auditRows.ts'
import { type Erasure, erasuresOf } from './erasures.ts'
import type { Partition } from './partition.ts'
import { answeredFor, doneAgain, type TenantEnd } from './given.ts'
import { statesOf } from './receipt.ts'
import { isOfKeys } from './tenantEnd.ts'

/** Of the end that a request asked for; null: of the last. */
export type Certified = { readonly tenant: string; readonly request: string | null }

/** The certificate of a tenant's end as of now; null: there was none. Nothing in it claims more than was done. */
export function certificateOf(
  { erasures, audit, store, keys }: Pick<Partition, 'erasures' | 'audit' | 'store' | 'keys'>,
  { tenant, request: asked }: Certified,
  nowMs: number,
): Signed<DeletionCertificate> | null {
  const ended = endOf(erasuresOf(erasures, store, tenant), asked)
  if (ended?.end === undefined) return null
  const { request, atMs, keyIds, end = ended.end } = answeredFor(ended)
  const { returned, leftRows, leftKeys } = end
  const looked =
    leftRows === null || leftKeys === null
      ? {}
      : { 'rows found afterwards': leftRows, 'keys found afterwards': leftKeys }
  return signReceipt(audit.signer, {
    kind: 'deletion-certificate',
    version: 1,
    tenant,
    request,
    requestedAt: iso(atMs),
    issuedAt: iso(nowMs),
    deleted: { ...deletedOf(end), ...looked },
    returned:
      returned === null
        ? null
        : { at: iso(returned.atMs), manifestSha256: returned.manifestSha256, records: returned.records },
    states: statesOf(ended, store.madeAt(), keys.madeAt()),
    keysDestroyed: [...keyIds],
    ...doneAgain(ended),
    verification: null,
    auditHead: headNow(audit, tenant, nowMs),
  })
}

/** Where a death fell in between it is known how many keys were there before, and not whether more came. */
function deletedOf({ deleted, isAtLeast }: TenantEnd): TenantEnd['deleted'] {
  if (isAtLeast !== true) return deleted
  const nameOf = (what: string) => (isOfKeys(what) ? `${what} at least` : what)
  return Object.fromEntries(Object.entries(deleted).map(([what, count]) => [nameOf(what), count]))
}

/** A tenant that was introduced anew may have ended more than once. */
function endOf(erasures: readonly Erasure[], asked: string | null): Erasure | undefined {
  const ends = erasures.filter(({ end, request }) => end !== undefined && request === (asked ?? request))
  return ends.sort((a, b) => b.sequence - a.sequence)[0]
}

const iso = (at: number) => new Date(at).toISOString()
