import { expect, test } from 'vitest'
import { cut, editsOf, rule } from './numbers.js'

const danish = { e164: '+4570000001', display: '+45 70 00 00 01' }

/** What a text becomes when `from` is shown as `to`. */
function swapped(text: string, from = '+4578792222', to = danish): string {
  return cut(text, editsOf([rule(from, to)], text, [0]), 0, text.length)
}

test.each([
  ['+4578792222', '+4570000001'],
  ['+45 78 79 22 22', '+45 70 00 00 01'],
  ['+45 7879 2222', '+45 7000 0001'],
  ['(+45) 78-79-22-22', '(+45) 70-00-00-01'],
  ['+45 (0) 78 79 22 22', '+45 (0) 70 00 00 01'],
  ['0045 78.79.22.22', '0045 70.00.00.01'],
  ['4578792222', '4570000001'],
  ['78792222', '70000001'],
  ['78/79/22/22', '70/00/00/01'],
  ['78\u00a079\u202f22\u200922', '70\u00a000\u202f00\u200901'],
  ['78‑79–22–22', '70‑00–00–01'],
  ['Tlf.: 78 79 22 22.', 'Tlf.: 70 00 00 01.'],
  ['78 79 22 22, 8-16', '70 00 00 01, 8-16'],
  ['78 79 22 22 - 24 hours', '70 00 00 01 - 24 hours'],
  ['Ring 78 79\n  22 22 now', 'Ring 70 00\n  00 01 now'],
  ['{"b":"+4578792222"}', '{"b":"+4570000001"}'],
])('%j is shown as %j', (text, shown) => {
  expect(swapped(text)).toBe(shown)
})

test.each([
  '1787922225',
  '787922223',
  '12 78 79 22 22',
  '78 79 22 22 33',
  '78-79-22-22-1',
  '+46 78 79 22 22',
  '0046 78 79 22 22',
  'SKU78792222',
  '78792222kr',
  'order #78792222',
  'id=78792222',
  '78792222@example.com',
  '78792222,50',
  '€78792222',
  '78792222%',
  '+45 78 79 22 23',
])('%j is not the number', text => {
  expect(swapped(text)).toBe(text)
})

const british = { e164: '+442079460001', display: '+44 20 7946 0001' }
const american = { e164: '+16285550001', display: '+1 628 555 0001' }

test.each([
  ['020 7946 0958', '+442079460958', british, '020 7946 0001'],
  ['+44 (0)20 7946 0958', '+442079460958', british, '+44 (0)20 7946 0001'],
  ['(415) 555-2671', '+14155552671', american, '(628) 555-0001'],
  ['1-415-555-2671', '+14155552671', american, '1-628-555-0001'],
  ['415.555.2671', '+14155552671', american, '628.555.0001'],
  // Another length: the old grouping cannot be kept. Another country: the national form would be wrong.
  ['0911 123456', '+49911123456', { e164: '+4930901820', display: '+49 30 901820' }, '030 901820'],
  ['78 79 22 22', '+4578792222', american, '+1 628 555 0001'],
  ['0045 78 79 22 22', '+4578792222', american, '001 628 555 0001'],
])('%j of %s is shown as %j', (text, from, to, shown) => {
  expect(swapped(text, from, to)).toBe(shown)
})

test('two targets in one text are told apart, and neither is swapped twice', () => {
  const chain = [
    rule('+4578792222', danish),
    rule('+4570000001', { e164: '+4570000002', display: '+45 70 00 00 02' }),
  ]
  const text = 'Sales 78 79 22 22, support 70 00 00 01'
  const edits = editsOf(chain, text, [0])
  expect(cut(text, edits, 0, text.length)).toBe('Sales 70 00 00 01, support 70 00 00 02')
})

test('a number in two text nodes is swapped digit for digit, or not at all', () => {
  const text = 'Ring 78 79 22 22'
  const edges = [0, 10]
  const edits = editsOf([rule('+4578792222', danish)], text, edges)
  expect([cut(text, edits, 0, 10), cut(text, edits, 10, 16)]).toEqual(['Ring 70 00', ' 00 01'])
  expect(editsOf([rule('+4578792222', american)], text, edges)).toEqual([])
})

test('the neighbour in a text node of its own is another word, but not if the digits touch', () => {
  const rules = [rule('+4578792222', danish)]
  expect(editsOf(rules, '8-16 78 79 22 22', [0, 4, 5])).toHaveLength(1)
  expect(editsOf(rules, '1278 79 22 22', [0, 2])).toHaveLength(0)
  expect(editsOf(rules, '+46 78 79 22 22', [0, 3, 4])).toHaveLength(0)
})
