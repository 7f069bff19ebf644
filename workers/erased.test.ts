import { expect, test } from 'vitest'
import { createErased } from './erased.ts'

test('a name is erased up to the entry that said so, in its tenant alone', () => {
  const erased = createErased()
  erased.add('acme/r', { tenant: 'acme', names: ['v:anna', 'c:pa'] }, 10)
  expect(erased.has('acme', ['s:other', 'c:pa'], 10)).toBe(true)
  expect(erased.has('acme', ['v:anna'], 11)).toBe(false)
  expect(erased.has('acme', ['v:ben'], 1)).toBe(false)
  expect(erased.has('bolt', ['v:anna'], 1)).toBe(false)
})

test('whoever was erased twice stays erased when one of them is done', () => {
  const erased = createErased()
  for (const [place, upTo] of [
    ['first', 10],
    ['second', 20],
  ] as const)
    erased.add(place, { tenant: 'acme', names: ['v:anna'] }, upTo)
  expect(erased.has('acme', ['v:anna'], 15)).toBe(true)
  erased.remove('second')
  expect([10, 15].map(at => erased.has('acme', ['v:anna'], at))).toEqual([true, false])
  erased.remove('first')
  erased.remove('first')
  expect(erased.has('acme', ['v:anna'], 1)).toBe(false)
})

test('the end of a tenant is everybody in it', () => {
  const erased = createErased()
  erased.add('acme/end', { tenant: 'acme', names: [] }, 10)
  expect([10, 11].map(at => erased.has('acme', ['v:anyone'], at))).toEqual([true, false])
  expect(erased.has('bolt', ['v:anyone'], 1)).toBe(false)
})
