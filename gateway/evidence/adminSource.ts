import type { AuditRecord } from '../../core/audit.ts'
import type { EvidenceSource } from '../../config/evidence/source.ts'
import { NotHeld } from '../../config/evidence/source.ts'
import type { SignedHead } from '../../config/signedHead.ts'
import type { PublicKey } from '../../config/signing.ts'
import type { AdminClient } from '../adminClient.ts'

/** A page of a chain as `GET …/audit?from=<index>` gives it. `next` null: that was the last of it. */
type AuditPage = {
  readonly records: readonly AuditRecord[]
  readonly heads: readonly SignedHead[]
  readonly next: number | null
}

/** The audit chains as a running gateway gives them. Where it does not, what is asked for is `NotHeld`. */
export function adminSource(
  client: AdminClient | string,
  tenants: readonly string[],
  publicKeys: readonly PublicKey[],
): EvidenceSource {
  const heads = new Map<string, readonly SignedHead[]>()
  const page = async (tenant: string, from: number): Promise<AuditPage> => {
    if (typeof client === 'string') throw new NotHeld(client)
    const path = tenant === '' ? '/v1/audit' : `/v1/tenants/${encodeURIComponent(tenant)}/audit`
    try {
      return JSON.parse(await client.ask('GET', `${path}?from=${from}`)) as AuditPage
    } catch (error) {
      throw new NotHeld(`the audit chain cannot be read: ${(error as Error).message}`)
    }
  }
  return {
    tenants,
    publicKeys,
    async *records(tenant) {
      for (let from: number | null = 0; from !== null; ) {
        const read: AuditPage = await page(tenant, from)
        yield* read.records
        from = read.next
      }
    },
    heads: async tenant => {
      const known = heads.get(tenant) ?? (await page(tenant, 0)).heads
      heads.set(tenant, known)
      return known
    },
  }
}
