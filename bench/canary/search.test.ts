import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { pack } from '../../config/pack.ts'
import { temporaryFolder } from '../system.ts'
import { searchFiles } from './search.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const needle = 'Zoë "K"/x9q+canary@ex ample.test'
const utf8 = Buffer.from(needle)
const noise = (length: number) => Buffer.from(Array.from({ length }, (_, index) => (index * 7 + 3) % 251))
let files = 0

/** What is found in a file that holds the bytes between others. */
function found(bytes: Buffer | string, wanted = needle): string[] {
  files += 1
  const path = join(folder.path, String(files))
  mkdirSync(path)
  writeFileSync(join(path, 'file'), Buffer.concat([noise(1_001), Buffer.from(bytes), noise(999)]))
  const hits = searchFiles([path], [wanted])
  for (const hit of hits) expect(hit).toMatchObject({ needle: wanted, file: join(path, 'file') })
  return hits.map(hit => hit.encoding)
}

const hex = utf8.toString('hex')
const utf16be = Buffer.from(needle, 'utf16le').swap16()
const after = (before: string) => Buffer.from(`${before}${needle}tail`)
const escaped = JSON.stringify({ n: needle })
const cases: [string, Buffer | string][] = [
  ['utf-8', utf8],
  ['utf-8', pack({ deep: [{ name: needle }] })],
  ['utf-16le', Buffer.from(needle, 'utf16le')],
  ['utf-16be', utf16be],
  ['base64+0', after('').toString('base64')],
  ['base64+1', after('a').toString('base64')],
  ['base64+2', after('ab').toString('base64')],
  ['base64+0', after('abc').toString('base64')],
  ['hex', hex],
  ['HEX', hex.toUpperCase()],
  ['percent', `/x?n=${encodeURIComponent(needle)}`],
  ['percent-lower', encodeURIComponent(needle).replaceAll(/%../g, part => part.toLowerCase())],
  ['percent-all', hex.toUpperCase().replaceAll(/../g, '%$&')],
  ['form', new URLSearchParams({ n: needle }).toString()],
  ['json', escaped],
  ['json-ascii', escaped.replaceAll('ë', '\\u00eb')],
  ['json-slashes', escaped.replaceAll('/', '\\/')],
  ['gzip utf-8', gzipSync(Buffer.concat([noise(9_000), utf8]))],
  ['gzip hex', gzipSync(hex)],
  ['gzip gzip utf-8', gzipSync(gzipSync(utf8))],
  ['zlib utf-8', deflateSync(utf8)],
  ['zip utf-8', zip(utf8, 8)],
  ['utf-8', zip(utf8, 0)],
]

/** A zip's local entry. */
function zip(bytes: Buffer, method: 0 | 8): Buffer {
  const head = Buffer.alloc(30)
  head.write('PK\x03\x04', 'latin1')
  head.writeUInt16LE(method, 8)
  head.writeUInt16LE(4, 26)
  return Buffer.concat([head, Buffer.from('name'), method === 8 ? deflateRawSync(bytes) : bytes])
}

test.each(cases)('%s is found', (encoding, bytes) => {
  expect(found(bytes)).toContain(encoding)
})

test('base64url is found where it differs from base64', () => {
  const two = '??>~~~canary???'
  for (const before of ['', 'a', 'ab']) {
    const text = Buffer.from(`${before}${two}tail`).toString('base64url')
    expect(found(text, two)).toEqual([`base64url+${before.length}`])
  }
})

test('a phone number is found without its plus and as a number', () => {
  const number = '+4570123456'
  expect(found('tel 4570123456', number)).toEqual(['digits'])
  expect(found(pack({ n: 4_570_123_456 }), number).length).toBeGreaterThan(0)
})

test('the control: nothing is found where it is not, nor where a part of it is', () => {
  expect(found('nothing of the kind')).toEqual([])
  expect(found(utf8.subarray(1))).toEqual([])
  expect(found(gzipSync(noise(5_000)))).toEqual([])
  expect(searchFiles([join(folder.path, 'nowhere')], [needle])).toEqual([])
})

test('the offset is that of the file, and a file that is named so is found too', () => {
  const path = join(folder.path, 'named')
  mkdirSync(path)
  writeFileSync(join(path, 'plain'), Buffer.concat([noise(123), Buffer.from('canary-77')]))
  writeFileSync(join(path, 'of-canary-77'), '')
  const hits = searchFiles([path], ['canary-77'])
  expect(hits.map(({ offset, encoding }) => [offset, encoding])).toContainEqual([123, 'utf-8'])
  expect(hits.map(hit => hit.encoding)).toContain('name utf-8')
})

test('what stands across the end of a chunk is found once', () => {
  const path = join(folder.path, 'long')
  mkdirSync(path)
  const at = 64 * 1024 * 1024 - 4
  writeFileSync(
    join(path, 'long'),
    Buffer.concat([Buffer.alloc(at), Buffer.from('canary-88'), Buffer.alloc(99)]),
  )
  expect(searchFiles([path], ['canary-88']).map(hit => hit.offset)).toEqual([at])
})
