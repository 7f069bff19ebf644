import { expect, test } from 'vitest'
import { filterOf, textsOf } from './filters.ts'

test.each(['b=%2B4570000001', 'b=+4570000001', 'b=%2B45%2070%2000%2000%2001'])(
  'a number is found however its plus is written: %s',
  query => {
    expect(filterOf(textsOf(new URLSearchParams(query))).b).toBe('+4570000001')
  },
)

test('what is no number is one that no call has', () => {
  expect(filterOf({ b: 'nobody' }).b).toBe('nobody')
})
