import { createHash, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { auditActions, noteForm } from '../core/audit.ts'
import { nextRecord, noHash, recordLine } from './auditChain.ts'
import { canonical, readCanonical } from './canonical.ts'
import { headTrouble, isSignedHead, signHead } from './signedHead.ts'
import { createSigner, isSignedBy, publicKeyPem, readPublicKeys } from './signing.ts'
import { chainOf, noteOf, otherSigner, publicKeys, signer } from './testChain.ts'

/** What was written once has to stay verifiable: none of these may ever change. */
const goldenLine =
  '{"action":"subject-accessed","actor":"key0","atMs":1790000000000,"counts":{"records":0},"detail":{"form":"json","nothing":null,"share":0,"whole":true},"hash":"HASH","index":0,"partition":3,"previous":"0000000000000000000000000000000000000000000000000000000000000000","purpose":"ticket-4711, æøå “…”","request":"request-0","role":"privacy-officer","sequence":100,"subjects":["ref-0","ref-0"],"tenant":"acme"}'
const goldenWithoutSequence = 'eb613e426bd60c541bbd3123740a6cd612c81379441f6d3dbcc20bf4377d23ae'
const golden = {
  hash: '37a7b8841eb47a73410001d53bee08fa1ba9b71b4661134faa786dd659c3699e',
  keyId: '7ece89f82d531fe5',
  publicKey: 'TWfs9zaX9loghUDx0e_BKjocJ9omzD7aLtZTwv3FBvE',
  signature: '2RfZf6yDlwx2ZLXogG6CTSU_6EgTNww5QJYccn6021YNyy4FZ587bQYuEIKhWWMoh8tpmhE2DRcLUCTSedc8DQ',
}

test('the golden record of a note of the first form: canonical line and hash', () => {
  const [record] = chainOf(1)
  expect(record && recordLine(record)).toBe(goldenLine.replace('HASH', golden.hash))
  const unhashed = goldenLine.replace('"hash":"HASH",', '')
  expect(createHash('sha256').update(unhashed).digest('hex')).toBe(golden.hash)
})

test('the golden record of a note that says its form: without the sequence of its entry', () => {
  const facts = { tenant: 'acme', atMs: 1_790_000_000_000, partition: 3 }
  const note = { ...noteOf(0), form: noteForm } as const
  const record = nextRecord(null, { ...facts, sequence: 100, note })
  const line = goldenLine.replace('"sequence":100,', '').replace('HASH', goldenWithoutSequence)
  expect(recordLine(record)).toBe(line)
  // However much others write in between.
  expect(nextRecord(null, { ...facts, sequence: 4_711, note })).toEqual(record)
})

test('the golden head: key and signature follow from the root key', () => {
  const [record] = chainOf(1)
  if (record === undefined) throw new Error('no record')
  const head = signHead(signer, record, 1_790_000_060_000)
  expect({ keyId: head.keyId, publicKey: signer.publicKey, signature: head.signature }).toEqual({
    keyId: golden.keyId,
    publicKey: golden.publicKey,
    signature: golden.signature,
  })
  // As somebody else would check it, with Node alone.
  const { signature, ...rest } = head
  const key = { key: { kty: 'OKP', crv: 'Ed25519', x: golden.publicKey }, format: 'jwk' } as const
  const signed = Buffer.from(`ringtrail audit head v1\n${canonical(rest)}`)
  expect(verify(null, signed, key, Buffer.from(signature, 'base64url'))).toBe(true)
})

test('a record follows the one before, and is the same each time', () => {
  const records = chainOf(4)
  expect(records).toEqual(chainOf(4))
  expect(records.map(one => one.index)).toEqual([0, 1, 2, 3])
  expect(records.map(one => one.previous)).toEqual([noHash, ...records.slice(0, 3).map(one => one.hash)])
})

test('a record never follows one of another tenant', () => {
  const [record = null] = chainOf(1)
  const facts = { tenant: 'other', atMs: 1, partition: 0, sequence: 1, note: noteOf(1) }
  expect(() => nextRecord(record, facts)).toThrow('another tenant')
})

test('a line that says the same in other bytes is not the line', () => {
  expect(readCanonical('{"a":1,"b":2}')).toEqual({ a: 1, b: 2 })
  for (const line of ['{"b":2,"a":1}', '{"a":1, "b":2}', '{"a":1.0,"b":2}', '{"a":0,"a":1,"b":2}', '', 'x'])
    expect(readCanonical(line)).toBeUndefined()
  expect(() => canonical(undefined)).toThrow()
  expect(() => canonical({ lone: '\ud800' })).toThrow()
})

test('one root key gives one signer, another another', () => {
  expect(createSigner(Buffer.from('k'.repeat(32))).publicKey).toBe(
    createSigner(Buffer.from('k'.repeat(32))).publicKey,
  )
  expect(otherSigner.keyId).not.toBe(signer.keyId)
  const printed = `${JSON.stringify(signer)} ${String(signer)}`
  expect(printed).not.toContain('root key')
})

test('a public key is read as PEM and as base64url, several at once, and nothing else is', () => {
  const both = readPublicKeys(`${publicKeyPem(signer)}\n${otherSigner.publicKey}\n`)
  expect(both.map(key => key.keyId)).toEqual([signer.keyId, otherSigner.keyId])
  for (const text of [
    '',
    '\n',
    'x',
    `${signer.publicKey}x`,
    `${signer.publicKey} x`,
    publicKeyPem(signer).slice(9),
  ])
    expect(() => readPublicKeys(text)).toThrow(/public key/)
})

test('a signature is good for its kind, its value, its key and its text alone', () => {
  const [key, other] = readPublicKeys(`${signer.publicKey} ${otherSigner.publicKey}`)
  if (key === undefined || other === undefined) throw new Error('no keys')
  const signature = signer.sign('head', { a: 1 })
  expect(isSignedBy(key, 'head', { a: 1 }, signature)).toBe(true)
  expect(isSignedBy(key, 'document', { a: 1 }, signature)).toBe(false)
  expect(isSignedBy(key, 'head', { a: 2 }, signature)).toBe(false)
  expect(isSignedBy(other, 'head', { a: 1 }, signature)).toBe(false)
  // The last letter of 64 bytes has four bits to spare: sixteen letters mean the same byte.
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const texts = [...letters].map(letter => signature.slice(0, -1) + letter)
  expect(texts.filter(text => isSignedBy(key, 'head', { a: 1 }, text))).toEqual([signature])
})

test('a head says whose it is and by which key', () => {
  const [record] = chainOf(1)
  if (record === undefined) throw new Error('no record')
  const head = signHead(signer, record, 5)
  expect(isSignedHead(head)).toBe(true)
  expect(headTrouble(head, publicKeys)).toBeNull()
  expect(headTrouble({ ...head, atMs: 6 }, publicKeys)).toContain('does not fit')
  expect(headTrouble(signHead(otherSigner, record, 5), publicKeys)).toContain('not one of those given')
  for (const wrong of [null, [], { ...head, more: 1 }, { ...head, index: -1 }, { ...head, hash: 'x' }])
    expect(isSignedHead(wrong)).toBe(false)
})

test('every action has a sentence of its own', () => {
  const sentences = Object.values(auditActions).map(({ says }) => says)
  expect(new Set(sentences).size).toBe(sentences.length)
  for (const [name, { says }] of Object.entries(auditActions)) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(says).toMatch(/^[A-Z].*\.$/)
  }
})
