import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pack } from './pack.ts'
import { packedFields } from './packedFields.ts'

const leaf = fc.oneof(
  fc.string({ maxLength: 400 }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 400 }),
)
const names = fc.constantFrom('kind', 'page', 'a', 'session', 'clear', 'personal', 'søren', 'x'.repeat(40))
const { value } = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(names, tie('value'), { noNullPrototype: true }),
  ),
}))
const map = fc.dictionary(names, value, { noNullPrototype: true })

const at = (data: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (inner, name) => (isPlain(inner) && Object.hasOwn(inner, name) ? inner[name] : null),
      data,
    )
const isPlain = (data: unknown): data is Record<string, unknown> =>
  typeof data === 'object' && data !== null && Object.getPrototypeOf(data) === Object.prototype

const paths = ['kind', 'clear.kind', 'clear.page', 'clear.clear.søren', 'session', 'a'] as const

test('what is read of packed data is what is in it, whatever stands beside it', () => {
  const fields = packedFields(paths)
  const check = (data: Record<string, unknown>) => {
    fields.read(pack(data))
    for (const path of paths) {
      const real = at(data, path)
      expect(fields.text(path), path).toBe(typeof real === 'string' ? real.toWellFormed() : null)
      expect(fields.has(path), path).toBe(real !== null)
    }
  }
  fc.assert(fc.property(map, check), { seed: 1, numRuns: 500 })
})

test('every length that a value may have is passed over', () => {
  const fields = packedFields(['last'])
  for (const length of [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536, 70_000]) {
    const many = Array.from({ length }, (_, index) => index)
    const data = { text: 'x'.repeat(length), bytes: Buffer.alloc(length), many, last: 'here' }
    fields.read(pack(data))
    expect(fields.text('last'), String(length)).toBe('here')
  }
})

test('extensions are passed over, of fixed lengths and of others', () => {
  const fields = packedFields(['last'])
  const last = [0xa4, ...Buffer.from('last'), 0xa4, ...Buffer.from('here')]
  const fixed = [1, 2, 4, 8, 16].map((length, index) => [0xd4 + index, 7, ...Buffer.alloc(length)])
  const others = [
    [0xc7, 3, 7, 1, 2, 3],
    [0xc8, 0, 3, 7, 1, 2, 3],
    [0xc9, 0, 0, 0, 3, 7, 1, 2, 3],
  ]
  for (const extension of [...fixed, ...others]) {
    fields.read(Buffer.from([0x82, 0xa1, 0x78, ...extension, ...last]))
    expect(fields.text('last')).toBe('here')
  }
})

test('bytes that are not one whole map throw', () => {
  const fields = packedFields(['a'])
  const bytes = pack({ a: 'text', b: [1, 2, 3] })
  expect(() => fields.read(bytes.subarray(0, bytes.length - 1))).toThrow('not one whole')
  expect(() => fields.read(Buffer.concat([bytes, Buffer.of(7)]))).toThrow('not one whole')
  expect(() => fields.read(Buffer.alloc(0))).toThrow('not one whole')
  expect(() => fields.read(pack('text'))).toThrow('not one whole')
  // 0xc1 is no value at all.
  expect(() => fields.read(Buffer.of(0x81, 0xa1, 0x61, 0xc1))).toThrow('not one whole')
})
