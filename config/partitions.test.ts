import { expect, test } from 'vitest'
import { parsePartitions } from './partitions.ts'

test.each([
  ['0-3', [0, 1, 2, 3]],
  ['5', [5]],
  ['12, 0-2,1', [0, 1, 2, 12]],
  ['15-15', [15]],
])('%s names %j', (text, partitions) => {
  expect(parsePartitions(text, 16)).toEqual(partitions)
})

test.each(['', 'all', '7-0', '0-16', '-1', '1,,2', '1.5'])('%j is refused with a sentence', text => {
  expect(() => parsePartitions(text, 16)).toThrow(
    `--partitions has to name partitions from 0 to 15, such as 0-15, not ${JSON.stringify(text)}.`,
  )
})
