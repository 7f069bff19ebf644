import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readTcString } from './tcf.ts'

const purposes = Array.from({ length: 24 }, (_, index) => index + 1)
const said = (text: string, vendors: number) => {
  const consents = readTcString(text)
  if (consents === null) return null
  const ids = Array.from({ length: vendors }, (_, index) => index + 1)
  return {
    purposes: purposes.filter(purpose => consents.hasPurpose(purpose)),
    vendors: ids.filter(vendor => consents.hasVendor(vendor)),
  }
}

/** The example of the specification of the string, with a segment of disclosed vendors after it. */
const published =
  'COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBAAgAAAAAAAFAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw'

test('the published example says what it is published to say', () => {
  expect(said(published, 20)).toEqual({ purposes: [1, 2, 3], vendors: [2, 6, 8] })
  expect(said(published.split('.')[0] ?? '', 20)).toEqual({ purposes: [1, 2, 3], vendors: [2, 6, 8] })
})

test.each([
  ['', 'nothing'],
  ['BOQ6ZEAOQ6ZEAABACDENAOwAAAAHCADAACAAQAAQ', 'a string of version 1'],
  ['DBABMA~COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA', 'a GPP string'],
  ['COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEE', 'one that is cut off within its vendors'],
  ['COvFyGBOvFyGBAb', 'one that is cut off within its head'],
  ['COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAA+', 'another alphabet'],
  ['\u0000\u202e', 'no text of the kind'],
])('%j says nothing: it is %s', text => {
  expect(readTcString(text)).toBeNull()
})

/** Writes a core segment, to read it back. */
function written(consented: readonly number[], vendors: readonly number[], isRange: boolean): string {
  const bits = (value: number, length: number) => value.toString(2).padStart(length, '0')
  const field = (ids: readonly number[], most: number) =>
    Array.from({ length: most }, (_, index) => (ids.includes(index + 1) ? '1' : '0')).join('')
  const most = Math.max(0, ...vendors)
  const ranges = vendors.map((vendor, index) =>
    index % 2 === 0 ? `0${bits(vendor, 16)}` : `1${bits(vendor, 16)}${bits(vendor, 16)}`,
  )
  const text = [
    bits(2, 6) + '0'.repeat(146),
    field(consented, 24) + '0'.repeat(37),
    bits(most, 16) + (isRange ? '1' : '0'),
    isRange ? bits(vendors.length, 12) + ranges.join('') : field(vendors, most),
  ].join('')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return (text.padEnd(Math.ceil(text.length / 6) * 6, '0').match(/.{6}/g) ?? [])
    .map(six => alphabet[Number.parseInt(six, 2)])
    .join('')
}

test('what is written with any purposes and vendors, by bits or by ranges, is read so', () => {
  const ids = (most: number) => fc.uniqueArray(fc.integer({ min: 1, max: most }), { maxLength: 20 })
  fc.assert(
    fc.property(ids(24), ids(1_200), fc.boolean(), (consented, vendors, isRange) => {
      const sorted = (all: readonly number[]) => [...all].sort((one, other) => one - other)
      expect(said(written(consented, vendors, isRange), 1_300)).toEqual({
        purposes: sorted(consented),
        vendors: sorted(vendors),
      })
    }),
    { numRuns: 300 },
  )
})

test('whatever a stranger sends, it is read or it is not', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), text => void readTcString(text)),
    { numRuns: 1_000 },
  )
})
