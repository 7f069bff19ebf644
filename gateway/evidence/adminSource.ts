import type { AuditRecord } from '../../core/audit.ts'
import type { EvidenceSource } from '../../config/evidence/source.ts'
import { NotHeld } from '../../config/evidence/source.ts'
import type { SignedHead } from '../../config/signedHead.ts'
import { type PublicKey, readPublicKeys } from '../../config/signing.ts'
import { type AdminClient, underTenant } from '../adminClient.ts'
import { headLines, publicKeyOf, recordLines } from '../auditPages.ts'

/** The audit chains as a running gateway gives them. Where it does not, what is asked for is `NotHeld`. */
export function adminSource(
  client: AdminClient | string,
  tenants: readonly string[],
  publicKeys: readonly PublicKey[],
): EvidenceSource {
  const held = (): Pick<AdminClient, 'ask'> => {
    if (typeof client === 'string') throw new NotHeld(client)
    return { ask: (...asked) => client.ask(...asked).catch(notHeld) }
  }
  return {
    tenants,
    publicKeys,
    async *records(tenant) {
      for await (const line of recordLines(held(), underTenant(tenant), 0))
        yield JSON.parse(line) as AuditRecord
    },
    // What is recorded while it is read may be signed already: heads come first, so none is of a record not read.
    heads: async tenant =>
      (await headLines(held(), underTenant(tenant))).map(line => JSON.parse(line) as SignedHead),
  }
}

function notHeld(error: Error): never {
  throw new NotHeld(`the audit chain cannot be read: ${error.message}`)
}

/** The keys that the heads of these chains are signed with; none where nobody says so. */
export async function keysOf(
  client: AdminClient | string,
  tenants: readonly string[],
): Promise<readonly PublicKey[]> {
  const tenant = tenants.find(one => one !== '')
  if (typeof client === 'string' || tenant === undefined) return []
  try {
    return readPublicKeys(await publicKeyOf(client, underTenant(tenant)))
  } catch {
    return []
  }
}
