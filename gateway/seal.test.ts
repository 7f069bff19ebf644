import { expect, test } from 'vitest'
import { pack } from '../config/pack.ts'
import { Personal } from '../core/privacy.ts'
import { createSealer } from './seal.ts'

const { seal, open } = createSealer()

test('what was sealed opens as it was', () => {
  const personal = { ip: '192.0.2.7', ids: { ga: '1.2' }, fields: { name: 'Anna', ages: [1, 2] }, none: null }
  expect(open(seal(personal))).toEqual(personal)
})

test('a personal value is sealed as itself, however deep it lies', () => {
  const personal = {
    a: new Personal('+4520304050'),
    fields: [{ phone: new Personal({ number: '+4520304051' }) }],
  }
  const bare = Object.assign(Object.create(null), { phone: new Personal('+4520304052') })
  expect(open(seal({ bare }))).toEqual({ bare: { phone: '+4520304052' } })
  expect(open(seal(personal))).toEqual({ a: '+4520304050', fields: [{ phone: { number: '+4520304051' } }] })
})

test('the first byte names the form', () => {
  expect(seal({ a: 1 })[0]).toBe(0)
  expect(() => open(Uint8Array.of(9, 1, 2, 3))).toThrow('does not know')
  expect(() => open(new Uint8Array())).toThrow('does not know')
})

test('damaged bytes are refused without a word of what they hold', () => {
  const bytes = seal({ a: '+4520304050' })
  expect(() => open(bytes.subarray(0, -3))).toThrow(/^The sealed part is damaged\.$/)
  const notARecord = Uint8Array.of(0, ...pack('+4520304050'))
  expect(() => open(notARecord)).toThrow(/^The sealed part is damaged\.$/)
})
