import { contactsIn } from '../config/contacts.ts'
import type { TenantPolicy } from '../core/policy.ts'
import type { PhoneNumber, Pseudonym } from '../core/words.ts'
import type { Pseudonyms } from './pseudonyms.ts'

/**
 * Keyed hashes of the phone numbers and e-mail addresses that a visitor entered, so that a person who names one is found;
 * what was entered stays in the sealed part. Their order is that of what was entered: by it the owner, which has no pepper,
 * tells whose is which.
 */
export function contactHashes(
  fields: Readonly<Record<string, unknown>>,
  { tenant, targets }: TenantPolicy,
  pseudonyms: Pseudonyms,
): Pseudonym[] {
  return contactsIn(fields, targets[0]?.replace).map(contact =>
    contact.includes('@')
      ? pseudonyms.ofEmail(tenant, contact)
      : pseudonyms.pseudonym(tenant, contact as PhoneNumber),
  )
}
