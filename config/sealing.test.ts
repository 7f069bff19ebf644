import { hkdfSync, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { recordKey, recordKeysOf } from './sealing.ts'

test('a record key is HKDF-SHA256 of the two keys, as others compute it, however many are made of one period', () => {
  const period = randomBytes(32)
  const ofPeriod = recordKeysOf(period, 'acme')
  for (const subject of [randomBytes(32), randomBytes(32)]) {
    const expected = Buffer.from(hkdfSync('sha256', subject, period, 'ringtrail record v1 acme', 32))
    expect(recordKey(subject, period, 'acme').export()).toEqual(expected)
    expect(ofPeriod(subject).export()).toEqual(expected)
  }
})

test('record keys that are destroyed are made no more', () => {
  const ofPeriod = recordKeysOf(randomBytes(32), 'acme')
  ofPeriod(randomBytes(32))
  ofPeriod.destroy()
  expect(() => ofPeriod(randomBytes(32))).toThrow()
})
