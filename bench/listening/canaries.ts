/**
 * What must not be heard: values that only visitors and callers brought, in every encoding in which text carries them, and
 * anything else that has the form of a phone number, an e-mail address, an IP address or an id.
 */

export const canaries = {
  phone: '+4520917364',
  entered: '+4531846207',
  foreign: '+14155550172',
  email: 'canary.person+form@mailbox-canary.example',
  ipv4: '203.0.113.77',
  ipv6: '2001:db8:ca:9a::7e57',
  name: 'Cornelia Canaria Kvist',
  street: 'Kanariefuglevej 417, 8000 Aarhus',
  userAgent: 'CanaryBrowser/9.7.31',
  path: '/canary-illness-insurance',
  query: 'canary-search-phrase',
  click: 'CanaryClickId0123456789',
  cookie: 'canary-cookie-value-5591',
  title: 'Canary Title Of A Page',
  visitor: 'CanaryVisitorIdCanary0',
  tab: 'CanaryTabIdCanaryTab00',
  call: 'canary-call-id-77aa',
} as const

/** Text that was heard, and from where. */
export type Heard = { readonly source: string; readonly text: string }

/** What was found, in words that do not repeat it but for the name of the canary. */
export function findCanaries(heard: readonly Heard[], values: Readonly<Record<string, string>>): string[] {
  const needles = Object.entries(values).flatMap(([name, value]) =>
    encodingsOf(value).map(([form, needle]) => ({ name, form, needle: needle.toLowerCase() })),
  )
  return heard.flatMap(({ source, text }) => {
    const lower = text.toLowerCase()
    return needles
      .filter(({ form, needle }) => (form === national ? standsAlone(lower, needle) : lower.includes(needle)))
      .map(({ name, form }) => `${source}: ${name} as ${form}`)
  })
}

const national = 'the national number'

/** Eight digits, many of them zeros, are found inside the fraction of some measure sooner or later. */
function standsAlone(text: string, digits: string): boolean {
  return new RegExp(`(?<![\\d.]|\\.\\d+)${digits}(?!\\d)`).test(text)
}

function encodingsOf(value: string): readonly (readonly [form: string, text: string])[] {
  const bytes = Buffer.from(value)
  const digits = value.replace(/[^\d]/g, '')
  const forms: (readonly [string, string])[] = [
    ['text', value],
    ['part of an address', encodeURIComponent(value)],
    ['a form’s field', new URLSearchParams({ v: value }).toString().slice(2)],
    ['hex', bytes.toString('hex')],
    ['JSON in ASCII', [...value].map(escaped).join('')],
    ['a list of bytes', [...bytes].join(',')],
    ['turned round', [...value].reverse().join('')],
    // Behind other bytes, Base64 looks different: without the characters that those share.
    ...[0, 1, 2].map(at => ['Base64', base64At(bytes, at)] as const),
    ...[0, 1, 2].map(
      at => ['Base64 of addresses', base64At(bytes, at).replace(/\+/g, '-').replace(/\//g, '_')] as const,
    ),
  ]
  if (/^\+\d+$/.test(value)) {
    forms.push(['digits', digits], [national, digits.slice(-8)])
    forms.push(['groups', digits.slice(-8).replace(/(..)(?=.)/g, '$1 ')])
  }
  return forms
}

const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`

function base64At(bytes: Buffer, at: number): string {
  const text = Buffer.concat([Buffer.alloc(at), bytes])
    .toString('base64')
    .replace(/=+$/, '')
  return text.slice(at === 0 ? 0 : at + 1, (at + bytes.length) % 3 === 0 ? undefined : -1)
}

/** Forms of personal values. The alphabet of ids is that of base64url, 22 characters long. */
const patterns: Readonly<Record<string, RegExp>> = {
  'a phone number': /(?<![\w.])(?:\+|00)\d(?:[ -]?\d){7,14}\b/g,
  'an e-mail address': /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g,
  'an IPv4 address': /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/g,
  'an IPv6 address': /(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4})+(?![\w:])/gi,
  'an id': /(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[A-Za-z0-9_-]{22}(?![\w/-])/g,
}

/** What has such a form and is none of a visitor's: this machine's own addresses, and times of day. */
const harmless: readonly RegExp[] = [/^127\.\d+\.\d+\.\d+$/, /^0\.0\.0\.0$/, /^\d{2}:\d{2}:\d{2}$/]

/** Everything with the form of a personal value that is not known to be harmless. */
export function findForms(heard: readonly Heard[], alsoHarmless: readonly RegExp[] = []): string[] {
  return heard.flatMap(({ source, text }) =>
    Object.entries(patterns).flatMap(([form, pattern]) =>
      [...text.matchAll(pattern)]
        .filter(([found]) => ![...harmless, ...alsoHarmless].some(one => one.test(found)))
        .map(([found]) => `${source}: ${form}: ${found}`),
    ),
  )
}
