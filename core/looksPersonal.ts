/**
 * Text that somebody put into a campaign parameter and that points at a person. It errs to the safe side: what is
 * withheld is still in the sealed URL, what is not stays clear for as long as the data is kept.
 */

const emailAddress = /\S(?:@|%(?:25)*40)\S/i
const ipAddress = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|(?:[0-9a-f]{1,4}:){3}|[0-9a-f]::[0-9a-f]/i
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i
/** Hashes and keys in hexadecimal: 16 digits and more of both kinds. */
const hexadecimal = /(?<![0-9a-z])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{16,}(?![0-9a-z])/i
const longWord = /[0-9a-z]{20,}/gi
const letterMeetsDigit = /\d(?=[a-z])|[a-z](?=\d)/gi

/** A sign of an international number, also as a query string leaves it when nobody escaped the plus. */
const internationalNumber = /(?:\+|^ )[ ().-]{0,2}\d(?:[ ()./-]{0,2}\d){6}/
/** Seven digits and more, grouped in any of the ways in which people write numbers. */
const groupedNumber = /\d(?:[ ()./_-]{0,2}\d){6}/
/** Days and ranges of years, which campaigns are often named after. */
const date =
  /(?<!\d)(?:20[1-3]\d[-._/]?(?:0[1-9]|1[0-2])[-._/]?(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])[-._/](?:0[1-9]|1[0-2])[-._/]20[1-3]\d|20[1-3]\d[-_/]20[1-3]\d)(?!\d)/g

/**
 * Whether the text looks like an e-mail or network address, a phone number or a person's long id. With
 * `platformNumbers`, plain runs of digits are taken for an advertising platform's own ids (Google's campaign ids have
 * as many digits as a phone number); pass it only where the platform's click id stands beside the text.
 */
export function looksPersonal(text: string, platformNumbers = false): boolean {
  const plain = text.normalize('NFKC')
  return (
    emailAddress.test(plain) ||
    ipAddress.test(plain) ||
    isPhoneNumber(plain, platformNumbers) ||
    isLongId(plain)
  )
}

function isPhoneNumber(text: string, platformNumbers: boolean): boolean {
  if (internationalNumber.test(text)) return true
  const rest = text.replace(date, ' x ')
  if (!platformNumbers) return groupedNumber.test(rest)
  // Plain runs may be ids; what is left, grouped in fewer digits each, is still how people write numbers.
  return groupedNumber.test(rest.replace(/\d{7,}/g, ' x '))
}

function isLongId(text: string): boolean {
  if (uuid.test(text) || hexadecimal.test(text)) return true
  return (text.match(longWord) ?? []).some(word => (word.match(letterMeetsDigit) ?? []).length >= 4)
}

/**
 * Text of which one look at its characters shows that it is not personal, and needs no tidying: `looksPersonal` says no
 * for every such text, only slower. Most campaigns are called so.
 */
export function isPlain(text: string): boolean {
  let [digits, dots, hyphens, run, before] = [0, 0, 0, 0, space]
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code < space || code > 0x7e || code === colon || code === atSign || code === percent) return false
    // Two spaces become one.
    if (code === space && before === space) return false
    if (isDigit(code)) digits += 1
    if (code === dot) dots += 1
    if (code === hyphen) hyphens += 1
    run = isDigit(code) || isLetter(code) ? run + 1 : 0
    if (run > wordMax) return false
    before = code
  }
  // What is shorter or has fewer of them than these is no phone number, no network address, no UUID and no hash.
  return before !== space && digits <= digitsMax && (dots < 3 || digits < 4) && hyphens < 4
}

const [space, percent, hyphen, dot, colon, atSign] = [0x20, 0x25, 0x2d, 0x2e, 0x3a, 0x40]
const digitsMax = 6
const wordMax = 15
const isDigit = (code: number) => code >= 0x30 && code <= 0x39
const isLetter = (code: number) => (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)
