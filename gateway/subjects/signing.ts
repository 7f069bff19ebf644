import type { Sign, SignedManifest } from '../../config/export/signature.ts'
import type { AdminDesk } from '../adminDesk.ts'
import { NoAnswer } from '../owners.ts'
import type { Tenant } from '../tenants.ts'

/** No owner finds in the chain that the package was asked for. */
export class NotRecorded extends Error {}

/** Has an owner sign what is exported: a gateway has no root key, and so no key to sign with. */
export function signedByOwner({ owners }: Pick<AdminDesk, 'owners'>, { id, partition }: Tenant): Sign {
  return async ({ tenant: _, ...manifest }) => {
    const reply = await owners.ask(partition, { kind: 'sign-export', tenant: id, manifest })
    if (reply.kind !== 'sign-export') throw new NoAnswer('an owner answered something else')
    if (reply.signed === null) throw new NotRecorded('no owner has a record of the export')
    return reply.signed as SignedManifest
  }
}
