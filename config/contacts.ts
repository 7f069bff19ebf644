import type { PhoneNumber } from '../core/words.ts'
import { countryOf, parsePhoneNumber } from './phoneNumbers.ts'

/** What was entered as text, trimmed; a number or a sentence with an address in it is none. */
const emailForm = /^[^\s@]{1,64}@[^\s@]{1,255}\.[^\s@.]{2,63}$/
const phoneForm = /^\+?[\d\s()./-]{6,24}$/
const contactsMax = 8

/**
 * The phone numbers (E.164) and e-mail addresses (small letters) among what a visitor entered, in its order, each once.
 * National numbers are those of the country of `own`, a number of the site's.
 */
export function contactsIn(
  fields: Readonly<Record<string, unknown>>,
  own: PhoneNumber | null | undefined,
): string[] {
  const found = new Set<string>()
  for (const value of Object.values(fields)) {
    if (typeof value !== 'string' || found.size >= contactsMax) continue
    const contact = contactOf(value.trim(), own)
    if (contact !== null) found.add(contact)
  }
  return [...found]
}

function contactOf(text: string, own: PhoneNumber | null | undefined): string | null {
  if (emailForm.test(text)) return text.toLowerCase()
  return phoneForm.test(text) ? parsePhoneNumber(text, own ? countryOf(own) : undefined) : null
}
