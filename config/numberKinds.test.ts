import { expect, test } from 'vitest'
import type { PhoneNumber } from '../core/words.ts'
import { kindsOf } from './numberKinds.ts'
import { loaded, tenantText } from './testConfig.ts'

const of = (...numbers: string[]) => kindsOf(numbers as PhoneNumber[])

test('a pool’s numbers have countries and types', () => {
  expect(of('+442071838750', '+442071838751')).toEqual({ countries: ['GB'], types: ['fixed-line'] })
  expect(of('+447400123456', '+442071838750').types).toEqual(['fixed-line', 'mobile'])
  expect(of('+18005550199', '+442071838750').countries).toEqual(['GB', 'US'])
  expect(of('+18005550199').types).toEqual(['toll-free'])
  expect(of('+99912345678')).toEqual({ countries: ['no country'], types: ['unknown'] })
})

test('of a large pool the ends and numbers between are looked at', () => {
  const many = Array.from({ length: 5_000 }, (_, place) => `+4420718${30_000 + place}`)
  expect(of('+447400123456', ...many, '+18005550199')).toEqual({
    countries: ['GB', 'US'],
    types: ['fixed-line', 'mobile', 'toll-free'],
  })
})

const warned = (more: string, numbers: string) =>
  loaded(
    tenantText(`targets:
  - { id: sales, replace: "+45 78 79 22 22", forward: "+45 78 79 22 22", pool: sales${more} }
pools:
  - { id: sales, numbers: [${numbers}] }
`),
  ).warnings.map(({ says }) => says)

test('a pool that mixes countries or types is warned of, and one that a page asks for another country', () => {
  expect(warned('', '"+44 20 7183 8750..+44 20 7183 8759"')).toEqual([])
  expect(warned('', '"+44 20 7183 8750", "+44 7400 123456"')).toEqual([
    'mixes types of numbers: fixed-line, mobile',
  ])
  expect(warned('', '"+44 20 7183 8750", "+33 1 42 68 53 00"')).toEqual(['mixes countries: FR, GB'])
  const segment = ', segments: [{ id: abroad, when: { country: FR }, pool: sales }]'
  expect(warned(segment, '"+44 20 7183 8750"')).toEqual(['names pool sales, whose numbers are of GB'])
})
