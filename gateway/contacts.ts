import { countryOf, parsePhoneNumber } from '../config/phoneNumbers.ts'
import type { TenantPolicy } from '../core/policy.ts'
import type { Pseudonym } from '../core/words.ts'
import type { Pseudonyms } from './pseudonyms.ts'

/** What was entered as text, trimmed; a number or a sentence with an address in it is none. */
const emailForm = /^[^\s@]{1,64}@[^\s@]{1,255}\.[^\s@.]{2,63}$/
const phoneForm = /^\+?[\d\s()./-]{6,24}$/
const contactsMax = 8

/**
 * Keyed hashes of the phone numbers and e-mail addresses that a visitor entered, so that a person who names one is found;
 * what was entered stays in the sealed part. National numbers are those of the country of the site's own numbers.
 */
export function contactsIn(
  fields: Readonly<Record<string, unknown>>,
  policy: TenantPolicy,
  pseudonyms: Pseudonyms,
): Pseudonym[] {
  const found = new Set<Pseudonym>()
  for (const value of Object.values(fields)) {
    if (typeof value !== 'string' || found.size >= contactsMax) continue
    const contact = contactOf(value.trim(), policy, pseudonyms)
    if (contact !== null) found.add(contact)
  }
  return [...found]
}

function contactOf(text: string, policy: TenantPolicy, pseudonyms: Pseudonyms): Pseudonym | null {
  if (emailForm.test(text)) return pseudonyms.ofEmail(policy.tenant, text)
  if (!phoneForm.test(text)) return null
  const own = policy.targets[0]?.replace
  const number = parsePhoneNumber(text, own === undefined ? undefined : countryOf(own))
  return number === null ? null : pseudonyms.pseudonym(policy.tenant, number)
}
