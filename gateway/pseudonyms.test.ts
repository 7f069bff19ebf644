import { createHmac } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PhoneNumber } from '../core/words.ts'
import { createPseudonyms, loadPepper } from './pseudonyms.ts'

const pepper = Buffer.alloc(32, 7)
const anna = '+4520304050' as PhoneNumber

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pepper-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a pseudonym is the documented keyed hash, each time', () => {
  const { pseudonym } = createPseudonyms(pepper)
  const expected = createHmac('sha256', pepper)
    .update('acme\0+4520304050')
    .digest()
    .subarray(0, 16)
    .toString('base64url')
  expect(pseudonym('acme', anna)).toBe(expected)
  expect(pseudonym('acme', anna)).toBe(expected)
  expect(expected).toMatch(/^[A-Za-z0-9_-]{22}$/)
})

test('tenants, numbers and peppers do not share pseudonyms', () => {
  const { pseudonym } = createPseudonyms(pepper)
  const other = createPseudonyms(Buffer.alloc(32, 8))
  const all = [
    pseudonym('acme', anna),
    pseudonym('bolt', anna),
    pseudonym('acme', '+4520304051' as PhoneNumber),
    other.pseudonym('acme', anna),
  ]
  expect(new Set(all).size).toBe(4)
})

test('a short pepper is refused', () => {
  expect(() => createPseudonyms(Buffer.alloc(16))).toThrow('32 bytes')
})

test('the pepper is made once, readable by its owner alone, and nothing is left beside it', () => {
  const dataDir = join(folder, 'new', 'data')
  const first = loadPepper(dataDir)
  expect(first).toHaveLength(32)
  expect(loadPepper(dataDir)).toEqual(first)
  expect(statSync(join(dataDir, 'pepper')).mode & 0o777).toBe(0o600)
  expect(readdirSync(dataDir)).toEqual(['pepper'])
  expect(loadPepper(join(folder, 'other'))).not.toEqual(first)
})

test('a configured file is read, never made', () => {
  const file = join(folder, 'given')
  expect(() => loadPepper(folder, file)).toThrow(`${file} cannot be read (ENOENT)`)
  writeFileSync(file, `${'AB'.repeat(32)}\n`)
  expect(loadPepper(folder, file)).toEqual(Buffer.alloc(32, 0xab))
  expect(readdirSync(folder)).toEqual(['given'])
})

test('a file that holds something else is refused without quoting it', () => {
  const file = join(folder, 'pepper')
  writeFileSync(file, 'secret but short')
  expect(() => loadPepper(folder)).toThrow('64 hexadecimal digits')
  expect(() => loadPepper(folder)).not.toThrow(/secret/)
  expect(readFileSync(file, 'utf8')).toBe('secret but short')
})

test('what cannot be read is said, with the file’s name', () => {
  mkdirSync(join(folder, 'pepper'))
  expect(() => loadPepper(folder)).toThrow(`${join(folder, 'pepper')} cannot be read (EISDIR)`)
})
