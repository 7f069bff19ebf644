import { expect, test } from 'vitest'
import { fieldsMissing, keptForMs, restWithout } from './keptFor.ts'
import { limits } from './limits.ts'
import { sealedFields } from './privacy.ts'

test('the name of the rest says which fields it is without, in whatever order they were named', () => {
  expect(restWithout([])).toBe('retention')
  expect(restWithout(['url', 'ipAddress'])).toBe(restWithout(['ipAddress', 'url']))
  for (const fields of [[], ['ipAddress'], ['ipAddress', 'url']])
    expect(fieldsMissing(restWithout(fields))).toEqual(fields)
  for (const field of sealedFields) expect(fieldsMissing(field)).toBe(null)
})

test('it is no longer than a name may be that the log takes', () => {
  expect(restWithout(sealedFields).length).toBeLessThanOrEqual(limits.idCharsMax)
})

test('a field is kept as it says, and no longer than the rest', () => {
  const terms = { retentionMs: 10, fieldRetentionMs: { ipAddress: 3, url: 20 } }
  const kept = ['ipAddress', 'url', 'title', restWithout(['ipAddress'])].map(name => keptForMs(terms, name))
  expect(kept).toEqual([3, 10, 10, 10])
})
