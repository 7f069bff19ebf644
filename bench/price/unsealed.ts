import { pack } from '../../config/pack.ts'
import { contactHashes } from '../../gateway/contacts.ts'
import type { Pseudonyms } from '../../gateway/pseudonyms.ts'
import type { Rights } from '../../gateway/rights.ts'
import type { Sealer } from '../../gateway/seal.ts'

const packedForm = Buffer.of(0)

/**
 * What an event would cost if nothing were sealed: its personal part is packed, and that is all. It stands here and nowhere
 * else: the product cannot be told not to seal.
 */
export function createUnsealed(pseudonyms: Pseudonyms): Sealer {
  return {
    event: (_policy, clear, personal) => ({ clear, personal: Buffer.concat([packedForm, pack(personal)]) }),
    contacts: (policy, fields) => contactHashes(fields, policy, pseudonyms),
    reference: (tenant, subject) => pseudonyms.reference(tenant, subject),
    correction: () => {
      throw new Error('nothing is put right here')
    },
  }
}

/** Of nobody a restriction or an objection is in force. */
export const nobody: Rights = {
  isClosed: () => false,
  isRestricted: () => false,
  hasObjected: () => false,
  hear: () => undefined,
  known: async () => undefined,
  stop: () => undefined,
}
