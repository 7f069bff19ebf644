import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isPlain, looksPersonal } from './looksPersonal.ts'
import { parametersOf } from './query.ts'
import { hostOf } from './sources.ts'

/** The same by the platform's own parsers, as it was before it was made fast. */
function slowly(url: string, wanted: ReadonlySet<string>): Map<string, string> {
  const query = url.split('#', 1)[0]?.split('?').slice(1).join('?') ?? ''
  const parameters = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const key = name.toLowerCase().replace(/^amp;/, '')
    if (wanted.has(key) && value.trim() !== '' && !parameters.has(key)) parameters.set(key, value)
  }
  return parameters
}

function slowHost(address: string): string | null {
  const host = URL.parse(address.trim())?.hostname ?? ''
  const bare = host
    .trim()
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^www\./, '')
  return host === '' ? null : bare
}

const wanted = new Set(['utm_source', 'utm_medium', 'gclid', 'q', 'k'])
const names = ['utm_source', 'UTM_Medium', 'gclid', 'q', 'k', 'K', 'utm%5Fsource', 'amp;utm_medium', 'other']
const marks = [
  '=',
  '=',
  '=',
  '&',
  '&',
  '?',
  '#',
  '%',
  '%4',
  '%40',
  '%C3%B8',
  '%ff',
  '+',
  ' ',
  'ø',
  '\ud800',
  '😀',
  ';',
  '',
]
const query = fc
  .array(fc.constantFrom(...names, ...marks, 'value', 'a b', '1'), { maxLength: 16 })
  .map(parts => parts.join(''))

test('[S1] parameters are read as URLSearchParams reads them', () => {
  const check = (before: string, text: string) => {
    const url = `https://www.acme.example/${before}${text}`
    expect([...parametersOf(url, wanted)]).toEqual([...slowly(url, wanted)])
  }
  fc.assert(fc.property(fc.constantFrom('?', '??', '', '#?', 'a?b?'), query, check), {
    seed: 1,
    numRuns: 20_000,
  })
  const anything = fc.string({ unit: 'binary', maxLength: 60 })
  fc.assert(
    fc.property(anything, text => {
      expect([...parametersOf(text, wanted)]).toEqual([...slowly(text, wanted)])
    }),
    { seed: 2, numRuns: 5_000 },
  )
})

const schemes = [
  'https://',
  'http://',
  'android-app://',
  'HTTPS://',
  'ftp://',
  'about:',
  'https:/',
  '//',
  ' https://',
]
const labels = [
  'www',
  'www2',
  'acme',
  'xn--grd-ula',
  'xn--',
  'ø',
  'A',
  '1',
  '0x1',
  'x0',
  '-',
  '_',
  'a-b',
  '256',
  '127',
  '',
  'com',
  'example',
]
const ends = [
  '',
  '.',
  ':80',
  ':65536',
  ':99999',
  ':x',
  '/',
  '/a?b#c',
  '?q',
  '#f',
  '\\x',
  '@b',
  '%41',
  ' ',
  '\n',
  '[',
  '\u3002com',
]

test('[S3] a host is read as the URL parser reads it', () => {
  const check = (scheme: string, host: readonly string[], end: string) => {
    const address = `${scheme}${host.join('.')}${end}`
    expect([address, hostOf(address)]).toEqual([address, slowHost(address)])
  }
  const host = fc.array(fc.constantFrom(...labels), { minLength: 1, maxLength: 5 })
  fc.assert(fc.property(fc.constantFrom(...schemes), host, fc.constantFrom(...ends), check), {
    seed: 3,
    numRuns: 20_000,
  })
  fc.assert(
    fc.property(
      fc.webUrl({ withQueryParameters: true, withFragments: true, validSchemes: ['https', 'http'] }),
      url => {
        expect(hostOf(url)).toBe(slowHost(url))
      },
    ),
    { seed: 4, numRuns: 3_000 },
  )
})

const pieces = [
  'a',
  'f',
  '0',
  '1',
  '12',
  '2024',
  '20304050',
  '-',
  '.',
  ':',
  '@',
  '%40',
  '%2540',
  ' ',
  '+',
  'sale',
  'deadbeef',
  'ø',
  '/',
  '(',
]
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 22 }).map(parts => parts.join(''))

test.each([
  'deadbeefdeadbee1',
  '2030405',
  '1.2.3.4',
  'a@b',
  'a%40b',
  'a::b',
  'a  b',
  ' a',
  'a ',
  'ø',
  'a\nb',
  '',
])('[S8] %j is looked at twice', value => {
  expect(isPlain(value)).toBe(false)
})

test('[S8] what one look finds plain is not personal, and has nothing to tidy', () => {
  let plain = 0
  const check = (value: string) => {
    if (!isPlain(value)) return
    plain += 1
    expect([value, looksPersonal(value), looksPersonal(value, true)]).toEqual([value, false, false])
    expect(value.replace(/[\p{Cc}\p{Zs}\p{Zl}\p{Zp}]+/gu, ' ').trimEnd()).toBe(value)
  }
  fc.assert(fc.property(text, check), { seed: 5, numRuns: 30_000 })
  fc.assert(fc.property(fc.string({ maxLength: 40 }), check), { seed: 6, numRuns: 5_000 })
  expect(plain).toBeGreaterThan(2_000)
})
