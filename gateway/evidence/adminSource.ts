import type { AuditRecord } from '../../core/audit.ts'
import type { EvidenceSource } from '../../config/evidence/source.ts'
import { NotHeld } from '../../config/evidence/source.ts'
import type { SignedHead } from '../../config/signedHead.ts'
import { type PublicKey, readPublicKeys } from '../../config/signing.ts'
import type { AdminClient } from '../adminClient.ts'

/** So many records come at once; a page that is not full is the last. */
const pageRecords = 500

/** The audit chains as a running gateway gives them. Where it does not, what is asked for is `NotHeld`. */
export function adminSource(
  client: AdminClient | string,
  tenants: readonly string[],
  publicKeys: readonly PublicKey[],
): EvidenceSource {
  const lines = async (tenant: string, what: 'records' | 'heads', from: number): Promise<unknown[]> => {
    if (typeof client === 'string') throw new NotHeld(client)
    const path = tenant === '' ? '/v1/audit' : `/v1/tenants/${encodeURIComponent(tenant)}/audit`
    const asked = client.ask('GET', `${path}/${what}?from=${from}`)
    const text = await asked.catch((error: Error) => {
      throw new NotHeld(`the audit chain cannot be read: ${error.message}`)
    })
    const whole = text.split('\n').filter(line => line !== '')
    return whole.map(line => JSON.parse(line) as unknown)
  }
  return {
    tenants,
    publicKeys,
    async *records(tenant) {
      for (let from = 0; ; ) {
        const page = (await lines(tenant, 'records', from)) as AuditRecord[]
        yield* page
        from += page.length
        if (page.length < pageRecords) return
      }
    },
    // What is recorded while it is read may be signed already: heads come first, so none is of a record not read.
    heads: async tenant => {
      const all: SignedHead[] = []
      for (;;) {
        const page = (await lines(tenant, 'heads', (all.at(-1)?.index ?? -1) + 1)) as SignedHead[]
        all.push(...page)
        if (page.length < pageRecords) return all
      }
    },
  }
}

/** The keys that the heads of these chains are signed with; none where nobody says so. */
export async function keysOf(
  client: AdminClient | string,
  tenants: readonly string[],
): Promise<readonly PublicKey[]> {
  const tenant = tenants.find(one => one !== '')
  if (typeof client === 'string' || tenant === undefined) return []
  try {
    const said = await client.ask('GET', `/v1/tenants/${encodeURIComponent(tenant)}/audit/key`)
    return readPublicKeys((JSON.parse(said) as { publicKey: string }).publicKey)
  } catch {
    return []
  }
}
