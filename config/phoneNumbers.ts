import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max'
import { LRUCache } from 'lru-cache'
import type { PhoneNumber } from '../core/words.ts'

/** The one door to libphonenumber-js: text from strangers becomes a `PhoneNumber` here, or null. */

const e164 = /^\+[1-9]\d{6,14}$/
const textCharsMax = 256
const cacheEntriesMax = 20_000

/**
 * What systems write in place of a number that the caller withheld. Some carriers send such a word as it would be
 * dialled on a keypad (`+266696687` is ANONYMOUS), so the words are kept as data and mapped below.
 */
const withheldWords = [
  'anonymous', 'restricted', 'unavailable', 'withheld', 'private', 'unknown', 'blocked', 'hidden', 'undisclosed',
] // biome-ignore format: a list is read better in a few lines

const keypad: Record<string, string> = Object.fromEntries(
  ['abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz'].flatMap((letters, index) =>
    [...letters].map(letter => [letter, String(index + 2)]),
  ),
)

const onKeypad = (text: string) => text.replace(/[a-z]/gi, letter => keypad[letter.toLowerCase()] ?? letter)
const withheldNumbers = new Set(withheldWords.map(word => `+${onKeypad(word)}`))

/** '' stands for "is no number": the cache holds no null. Bounded, in memory only. */
const parsed = new LRUCache<string, string>({ max: cacheEntriesMax })
const displayed = new LRUCache<PhoneNumber, string>({ max: cacheEntriesMax })

/**
 * The number that a text means, in E.164, or null. Text in E.164 form is taken as it stands; anything else has to be
 * a possible number: international (`+` or `00`), or national to `defaultCountry` (ISO 3166, such as `DK`).
 * Vanity letters become digits, extensions and RFC 3966 parameters are dropped, short codes are no numbers.
 * Never throws.
 */
export function parsePhoneNumber(text: string, defaultCountry?: string): PhoneNumber | null {
  if (e164.test(text)) return text as PhoneNumber
  if (text.length > textCharsMax) return null
  const key = `${defaultCountry ?? ''}|${text}`
  const known = parsed.get(key)
  if (known !== undefined) return known === '' ? null : (known as PhoneNumber)
  const number = parseSlowly(text, defaultCountry)
  parsed.set(key, number ?? '')
  return number
}

/**
 * The caller as a carrier names it, or null where it is withheld: what is no number counts as withheld, because a
 * caller is never refused for it. Understands `sip:+45…@host`, `tel:` and a display name in front; `client:` names
 * an app's user, who has no number. Never throws.
 */
export function parseCaller(text: string): PhoneNumber | null {
  const number = e164.test(text) ? (text as PhoneNumber) : callerIn(text)
  return number !== null && withheldNumbers.has(number) ? null : number
}

function callerIn(text: string): PhoneNumber | null {
  const address = (/<([^<>]*)>/.exec(text.slice(0, textCharsMax))?.[1] ?? text).trim()
  return parsePhoneNumber(/^sips?:/i.test(address) ? userOf(address) : address)
}

/**
 * The number as people write it: always in international format (`+45 70 00 00 01`), so that what a page shows is
 * right from everywhere and does not depend on how the replaced number was written. Parsing it gives the number
 * back; a number that the library cannot group is shown as it is.
 */
export function displayNumber(number: PhoneNumber): string {
  const known = displayed.get(number)
  if (known !== undefined) return known
  const text = parsePhoneNumberFromString(number)?.formatInternational() ?? number
  const shown = parsePhoneNumber(text) === number ? text : number
  displayed.set(number, shown)
  return shown
}

function parseSlowly(text: string, defaultCountry: string | undefined): PhoneNumber | null {
  const written = plainForm(text)
  if (!/^[+(]?[\d(]/.test(asciiDigits(written))) return null
  const dialled = onKeypad(written)
  return (
    possible(dialled, defaultCountry) ??
    (/^00\s*[1-9]/.test(dialled) ? possible(`+${dialled.slice(2)}`, undefined) : null)
  )
}

/** The country of a number (ISO 3166), where its prefix says one. */
export function countryOf(number: PhoneNumber): string | undefined {
  return parsePhoneNumberFromString(number)?.country
}

/** What kind of number it is, in words, such as mobile or toll-free; `unknown` where its country's plan does not say. */
export function typeOf(number: PhoneNumber): string {
  const type = parsePhoneNumberFromString(number)?.getType() ?? 'unknown'
  return type.toLowerCase().replaceAll('_', '-')
}

/** Without scheme, parameters and extension; compatibility characters (full width) made plain. */
function plainForm(text: string): string {
  const [number = ''] = asciiDigits(text.normalize('NFKC')).trim().replace(/^tel:/i, '').split(';')
  return number.replace(/\s*(?:,|#|\b(?:ext(?:ension)?\.?|x))\s*\d{1,7}$/i, '').trim()
}

/** Arabic-Indic and Persian digits as ASCII; the library reads them too, our own patterns do not. */
function asciiDigits(text: string): string {
  return text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, digit => String((digit.codePointAt(0) ?? 0) & 0xf))
}

function possible(text: string, defaultCountry: string | undefined): PhoneNumber | null {
  const country = defaultCountry === undefined ? {} : { defaultCountry: defaultCountry as CountryCode }
  const found = parsePhoneNumberFromString(text, { ...country, extract: false })
  return found?.isPossible() && e164.test(found.number) ? (found.number as string as PhoneNumber) : null
}

/** The user part of a SIP address; `%2B` is how some systems write its plus. */
function userOf(address: string): string {
  const user = address.slice(address.indexOf(':') + 1).split('@')[0] ?? ''
  return user.replace(/%2b/i, '+')
}
