import { expect, test } from 'vitest'
import type { SegmentRule, TargetPolicy } from '../core/policy.ts'
import type { PhoneNumber } from '../core/words.ts'
import { segmentsOf } from './segments.ts'

const own = '+4578792222' as PhoneNumber
const source = { source: 'google', medium: 'cpc', campaign: 'Autumn', content: null, keyword: null }
const page = { source, url: 'https://www.acme.example/shop/boats?utm_source=google', country: '' }

const target = (...rules: SegmentRule[]): TargetPolicy => ({
  ...{ id: 'sales', replace: own, forward: own, pool: 'sales', static: null },
  segments: rules.map((when, place) => ({ id: `s${place}`, when, pool: null })),
})
const found = (rules: SegmentRule[], asked: Partial<typeof page> = {}) =>
  segmentsOf([target(...rules)], { ...page, ...asked }).sales ?? null

test.each<[SegmentRule, boolean]>([
  [{ source: 'google' }, true],
  [{ source: 'Google', medium: 'CPC', campaign: 'autumn' }, true],
  [{ source: 'google', medium: 'organic' }, false],
  [{ campaign: 'spring' }, false],
  [{ channel: 'Paid Search' }, false],
  [{ landingPath: '/shop' }, true],
  [{ landingPath: '/shop/boats' }, true],
  [{ landingPath: '/Shop' }, false],
  [{ landingPath: '/shop/boats/small' }, false],
  [{ medium: 'cpc', landingPath: '/blog' }, false],
  [{ country: 'DK' }, false],
])('%j fits: %s', (when, fits) => {
  expect(found([when]) !== null).toBe(fits)
})

test('the first that fits is taken, and none where none does', () => {
  expect(found([{ medium: 'email' }, { medium: 'cpc' }, { source: 'google' }])).toBe('s1')
  expect(found([{ medium: 'email' }])).toBeNull()
  expect(segmentsOf([{ ...target(), id: 'other' }], page)).toEqual({})
})

test('a page asks for the numbers of a country', () => {
  expect(found([{ country: 'DK' }, { country: 'SE' }], { country: 'se' })).toBe('s1')
})

test('what is no address has no path', () => {
  expect(found([{ landingPath: '/' }], { url: 'not an address' })).toBeNull()
})

test('the channel of a source that has one counts', () => {
  const classified = { ...source, channel: 'Paid Search' }
  expect(found([{ channel: 'paid search' }], { source: classified })).toBe('s0')
})
