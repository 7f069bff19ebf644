import { expect, test } from 'vitest'
import { expandNumbers } from './numberRanges.ts'

test('a range holds both its ends and everything between', () => {
  expect(expandNumbers('+4570000009..+45 70 00 00 11')).toEqual({
    numbers: ['+4570000009', '+4570000010', '+4570000011'],
  })
  expect(expandNumbers('+4570000009 .. +4570000009')).toEqual({ numbers: ['+4570000009'] })
  expect(expandNumbers('+45 70 00 09 99')).toEqual({ numbers: ['+4570000999'] })
})

test('fifteen digits are counted exactly', () => {
  expect(expandNumbers('+999999999999998..+999999999999999')).toEqual({
    numbers: ['+999999999999998', '+999999999999999'],
  })
})

test.each([
  ['+4570000002..+4570000001', 'is a range that ends before it starts'],
  ['+4570000002..+457000000100', 'is a range between numbers of different lengths'],
  ['+4570000001..+4570100001', 'is a range of 100001 numbers; a pool holds at most 100000'],
  [
    '+4570000001..+4570000002..+4570000003',
    'has to be one number or one range first..last, not "+4570000001..+4570000002..+4570000003"',
  ],
  [
    '+4570000001..',
    'has to be a phone number such as +45 70 00 00 01, or a range of them, not "+4570000001.."',
  ],
  ['sales', 'has to be a phone number such as +45 70 00 00 01, or a range of them, not "sales"'],
])('%s is refused with a reason', (item, says) => {
  expect(expandNumbers(item)).toEqual({ says })
})

test('the largest range is taken', () => {
  const expansion = expandNumbers('+4570000001..+4570100000')
  expect('numbers' in expansion && [expansion.numbers.length, expansion.numbers.at(-1)]).toEqual([
    100_000,
    '+4570100000',
  ])
})
