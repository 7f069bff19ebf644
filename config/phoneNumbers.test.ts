import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PhoneNumber } from '../core/words.ts'
import { displayNumber, parseCaller, parsePhoneNumber } from './phoneNumbers.ts'

test.each([
  ['E.164 as it stands', '+4570000001', undefined, '+4570000001'],
  ['grouped', '+45 70 00 00 01', undefined, '+4570000001'],
  ['with a trunk zero in brackets', '+44 (0)20 7183 8750', undefined, '+442071838750'],
  ['with a leading zero that belongs to it (Italy)', '+39 06 1234 5678', undefined, '+390612345678'],
  ['00 in place of the plus', '0045 70 00 00 01', undefined, '+4570000001'],
  ['00 with a country', '0045 70 00 00 01', 'DK', '+4570000001'],
  ['00 where the country dials 011', '0045 70 00 00 01', 'US', '+4570000001'],
  ['the country’s own prefix for abroad', '011 45 70 00 00 01', 'US', '+4570000001'],
  ['0011, which is how Australia dials abroad', '0011 45 70 00 00 01', 'AU', '+4570000001'],
  ['national', '70 00 00 01', 'DK', '+4570000001'],
  ['Arabic digits', '+٤٥٧٠٠٠٠٠٠١', undefined, '+4570000001'],
  ['Persian digits', '+۴۵۷۰۰۰۰۰۰۱', undefined, '+4570000001'],
  ['full width', '＋４５　７０００　０００１', undefined, '+4570000001'],
  ['vanity letters', '1-800-GOT-MILK', 'US', '+18004686455'],
  ['vanity letters, international', '+1 800 GOT MILK', undefined, '+18004686455'],
  ['RFC 3966', 'tel:+45-70-00-00-01', undefined, '+4570000001'],
  ['RFC 3966 with a context', 'tel:+1-415-555-2671;phone-context=example.com', undefined, '+14155552671'],
  ['RFC 3966 with an extension', 'tel:+45-70-00-00-01;ext=12', undefined, '+4570000001'],
  ['an extension in words', '+45 70 00 00 01 ext. 5', undefined, '+4570000001'],
])('%s: %s', (_, text, country, number) => {
  expect(parsePhoneNumber(text, country)).toBe(number)
})

test.each([
  ['', undefined],
  ['911', 'US'],
  ['112', 'DK'],
  ['+1911', undefined],
  ['tel:7042;phone-context=example.com', undefined],
  ['70 00 00 01', undefined],
  ['4570000001', undefined],
  ['anonymous', 'US'],
  ['Restricted', 'US'],
  ['unavailable', undefined],
  ['withheld', 'DK'],
  ['call me at +45 70 00 00 01 please', undefined],
  ['+45 70 00 00 01 +45 70 00 00 02', undefined],
  ['+0123456789', undefined],
  ['+1234567890123456', undefined],
  ['70 00 00 01', 'no country'],
  [`+45${' '.repeat(300)}70000001`, undefined],
])('%j is no number', (text, country) => {
  expect(parsePhoneNumber(text, country)).toBeNull()
})

test('the second answer is the first one', () => {
  expect([1, 2].map(() => parsePhoneNumber('+45 70 00 00 03'))).toEqual(['+4570000003', '+4570000003'])
  expect([1, 2].map(() => parsePhoneNumber('no number'))).toEqual([null, null])
  expect([undefined, 'DK', 'SE'].map(country => parsePhoneNumber('70 00 00 03', country))).toEqual([
    null,
    '+4570000003',
    '+4670000003',
  ])
})

test.each([
  ['+4570000001', '+4570000001'],
  ['sip:+4570000001@carrier.example', '+4570000001'],
  ['sips:%2B4570000001;verstat=TN-Validation-Passed@carrier.example;user=phone', '+4570000001'],
  ['"Anna" <sip:+4570000001@carrier.example>', '+4570000001'],
  ['tel:+45 70 00 00 01', '+4570000001'],
])('the caller %s is %s', (text, number) => {
  expect(parseCaller(text)).toBe(number)
})

test.each([
  'anonymous',
  'ANONYMOUS',
  'Restricted',
  'unavailable',
  'withheld',
  'private',
  'unknown',
  'Private Number',
  '',
  '-1',
  'client:anna',
  'client:+4570000001',
  'sip:anonymous@anonymous.invalid',
  'sip:',
  '<>',
  '<',
  '%',
  'sip:%zz@x',
  '+266696687',
  '+7378742833',
  '+8656696',
  '+86282452253',
  '\u0000',
  '+',
  '00',
  '()',
])('the caller %j is withheld', text => {
  expect(parseCaller(text)).toBeNull()
})

const anyNumber = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.stringMatching(/^[0-9]{6,14}$/))
  .map(([first, rest]) => `+${first}${rest}` as PhoneNumber)

const pooledNumber = fc
  .tuple(
    fc.constantFrom('+45', '+4420', '+1415', '+3906', '+33', '+9715'),
    fc.integer({ min: 10_000_000, max: 99_999_999 }),
  )
  .map(([prefix, rest]) => `${prefix}${rest}` as PhoneNumber)

test('what is displayed can be parsed, and is the same number', () => {
  fc.assert(
    fc.property(
      fc.oneof(anyNumber, pooledNumber),
      number => parsePhoneNumber(displayNumber(number)) === number,
    ),
  )
})

test('a number is displayed as people write it, internationally', () => {
  expect(displayNumber('+4570000001' as PhoneNumber)).toBe('+45 70 00 00 01')
  expect(displayNumber('+14155552671' as PhoneNumber)).toBe('+1 415 555 2671')
  expect(displayNumber('+999123456789' as PhoneNumber)).toBe('+999123456789')
})

test('no text throws, and what comes back is E.164', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[+0-9 ()a-z;:@<>%.-]{0,40}$/))
  const isNumberOrNull = (number: string | null) => number === null || /^\+[1-9]\d{6,14}$/.test(number)
  const country = fc.option(fc.constantFrom('DK', 'US', 'AU', 'xx', ''), { nil: undefined })
  fc.assert(
    fc.property(
      text,
      country,
      (one, where) => isNumberOrNull(parseCaller(one)) && isNumberOrNull(parsePhoneNumber(one, where)),
    ),
  )
})
