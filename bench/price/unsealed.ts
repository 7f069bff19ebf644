import { pack } from '../../config/pack.ts'
import { contactsIn } from '../../gateway/contacts.ts'
import type { Pseudonyms } from '../../gateway/pseudonyms.ts'
import type { Sealer } from '../../gateway/seal.ts'

const packedForm = Buffer.of(0)

/**
 * What an event would cost if nothing were sealed: its personal part is packed, and that is all. It stands here and nowhere
 * else: the product cannot be told not to seal.
 */
export function createUnsealed(pseudonyms: Pseudonyms): Sealer {
  return {
    event: (_policy, clear, personal) => ({ clear, personal: Buffer.concat([packedForm, pack(personal)]) }),
    contacts: (policy, fields) => contactsIn(fields, policy, pseudonyms),
  }
}
