import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pack, unpack } from './pack.ts'

const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }).map(number => number + 0),
  fc.boolean(),
  fc.constant(null),
)
const { value } = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), tie('value'), { noNullPrototype: true }),
  ),
}))

test('plain data comes back as it went in', () => {
  const check = (data: unknown) => {
    expect(unpack(pack(data))).toEqual(data)
  }
  fc.assert(fc.property(value, check), { seed: 1 })
})

test('64-bit integers come back as numbers', () => {
  // 0xcf: uint64, as another writer may choose it for a time in milliseconds.
  const bytes = Uint8Array.of(0xcf, 0, 0, 0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00)
  expect(unpack(bytes)).toBe(1_700_000_000_000)
  expect(unpack(pack(Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER)
})

test('an undefined field and an absent one both read as undefined', () => {
  expect((unpack(pack({ a: undefined, b: 1 })) as { a?: number }).a).toBeUndefined()
})

test('packed bytes are never overwritten by later ones', () => {
  const first = pack({ name: 'first' })
  const kept = Uint8Array.from(first)
  for (let i = 0; i < 2_000; i++) pack({ name: 'later', filler: 'x'.repeat(50), i })
  expect(Uint8Array.from(first)).toEqual(kept)
})

test('byte strings inside are copies of what was read', () => {
  const bytes = pack({ sealed: Uint8Array.of(1, 2, 3) })
  const read = unpack(bytes) as { sealed: Uint8Array }
  bytes.fill(0)
  expect(Array.from(read.sealed)).toEqual([1, 2, 3])
})

test('bytes that are not one whole value throw', () => {
  const bytes = pack({ a: 'text', b: [1, 2, 3] })
  expect(() => unpack(bytes.subarray(0, bytes.length - 2))).toThrow()
  expect(() => unpack(Uint8Array.of(...bytes, 7))).toThrow()
  expect(() => unpack(new Uint8Array())).toThrow()
})

test('why they cannot be read is said without them', () => {
  const bytes = Uint8Array.of(...pack({ a: '+4520304050' }), 7)
  const said = (() => {
    try {
      return unpack(bytes)
    } catch (error) {
      return inspect(error)
    }
  })()
  expect(said).toContain('NotPacked')
  expect(said).not.toContain('20304050')
})

test('records are not used: every map names its keys', () => {
  const text = Buffer.from(pack([{ colour: 1 }, { colour: 2 }])).toString('latin1')
  expect(text.split('colour')).toHaveLength(3)
})
