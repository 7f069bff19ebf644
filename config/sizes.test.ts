import { expect, test } from 'vitest'
import { parseSize } from './sizes.ts'

test.each([
  ['1KiB', 1_024],
  ['64MiB', 67_108_864],
  ['4GiB', 4_294_967_296],
  ['2TiB', 2_199_023_255_552],
])('%s is %i bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test.each(['', '4', 'GiB', '4 GiB', '4gib', '4GB', '-1GiB', '1.5GiB', '0GiB', '999999999TiB'])(
  '%j is no size',
  text => {
    expect(parseSize(text)).toBeNull()
  },
)
