import { type SignedManifest, signManifest } from '../config/export/signature.ts'
import { limits } from '../core/limits.ts'
import type { ExportFacts } from '../core/wire/rights.ts'
import { caughtUp, type Partition } from './partition.ts'

/**
 * The signature of a package that a gateway made: it is given where the tenant's chain says that somebody asked for this
 * package, and who. So a gateway, which has no key, cannot have signed what left no record. null: there is no such record
 * here. Packages of other purposes are not made by gateways, or not given away.
 */
export async function signatureOf(
  partition: Pick<Partition, 'audit' | 'store' | 'applied' | 'committed' | 'stopped'>,
  tenant: string,
  manifest: ExportFacts,
): Promise<SignedManifest | null> {
  if (manifest.purpose !== 'portability') return null
  // The gateway asks when the record is applied; it is in the chain with the commit.
  await caughtUp(partition, limits.signingAwaitedMs)
  for (const { action, request } of partition.store.auditBackwards(tenant, limits.auditLookedBackMax)) {
    if (action === 'subject-exported' && request === manifest.request)
      return signManifest(partition.audit.signer, { tenant, ...manifest })
  }
  return null
}
