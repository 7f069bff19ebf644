import { expect, test } from 'vitest'
import type { DeletionCertificate, ErasureReceipt } from '../core/receipt.ts'
import { receiptSentences, signReceipt, verifyReceipt } from './receipts.ts'
import { signDocument, verifyDocument } from './signedDocument.ts'
import { signHead } from './signedHead.ts'
import { readPublicKeys } from './signing.ts'
import { chainOf, otherSigner, publicKeys, signer } from './testChain.ts'
import { certificate, receipt } from './testReceipt.ts'

const again = (value: unknown) => JSON.parse(JSON.stringify(value, null, 2)) as Record<string, unknown>

test.each([receipt, certificate])('what was signed is genuine, read back from a file: $kind', document => {
  const signed = signReceipt<ErasureReceipt | DeletionCertificate>(signer, document)
  expect(verifyReceipt(again(signed), publicKeys)).toEqual({
    signature: { kind: 'as-expected', keyId: signer.keyId },
    receipt: document,
    trouble: null,
  })
})

/** Every value of a document, one at a time, as something else. */
function* changesOf(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield value.toSpliced(index, 1)
      for (const changed of changesOf(item)) yield value.with(index, changed)
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const { [key]: _, ...rest } = value as Record<string, unknown>
      yield rest
      for (const changed of changesOf(item)) yield { ...value, [key]: changed }
    }
  } else {
    yield typeof value === 'number' ? value + 1 : `${value === null ? '' : value}x`
  }
}

test.each([receipt, certificate])('no value of it can be changed or taken out: $kind', document => {
  const signed = again(signReceipt<ErasureReceipt | DeletionCertificate>(signer, document))
  const changes = [...changesOf(signed)]
  expect(changes.length).toBeGreaterThan(40)
  for (const changed of changes)
    expect(verifyDocument(changed, publicKeys), JSON.stringify(changed)).toMatchObject({ kind: 'broken' })
})

test('who signs with a key of his own is told from us', () => {
  const forged = signReceipt(otherSigner, { ...receipt, auditHead: null })
  expect(verifyDocument(forged, publicKeys)).toEqual({ kind: 'unexpected-key', keyId: otherSigner.keyId })
  const dressed = { ...forged, signature: { ...forged.signature, keyId: signer.keyId } }
  expect(verifyDocument(dressed, publicKeys)).toMatchObject({ kind: 'broken' })
  const claimed = { ...forged, signature: { ...forged.signature, publicKey: signer.publicKey } }
  expect(verifyDocument(claimed, publicKeys)).toMatchObject({ kind: 'broken' })
})

test('a signed head is no document, and a document no head', () => {
  const [record] = chainOf(1)
  if (record === undefined) throw new Error('no record')
  const { signature, ...head } = signHead(signer, record, 5)
  const { keyId, publicKey } = signer
  const dressed = { ...head, signature: { keyId, publicKey, value: signature } }
  expect(verifyDocument(dressed, publicKeys)).toMatchObject({ kind: 'broken' })
})

test.each([null, 'x', 5, [], {}, { signature: null }, { signature: { keyId: 1 } }])(
  '%j is no document',
  value => {
    expect(verifyDocument(value, publicKeys)).toMatchObject({ kind: 'broken' })
  },
)

test('nothing is signed that cannot be', () => {
  const [first] = receipt.states
  if (first === undefined) throw new Error('no state')
  const wrong: ErasureReceipt[] = [
    { ...receipt, states: [] },
    { ...receipt, states: [first, first] },
    { ...receipt, states: [{ ...first, at: null }] },
    { ...receipt, states: [{ ...first, state: 'pending' }] },
    { ...receipt, states: [{ ...first, store: 'log', due: null }] },
    { ...receipt, requestedAt: 'yesterday' },
    { ...receipt, keysDestroyed: ['not hex!'] },
    { ...receipt, tenant: 'another' },
  ]
  for (const one of wrong)
    expect(() => signReceipt(signer, one), JSON.stringify(one)).toThrow('cannot be signed')
  expect(() => signDocument(signer, signDocument(signer, { a: 1 }))).toThrow('signed already')
})

test('a document that is none of ours is said, though we signed it', () => {
  const signed = signDocument(signer, { kind: 'greeting' })
  expect(verifyReceipt(signed, publicKeys)).toMatchObject({ receipt: null, trouble: expect.any(String) })
})

test('an audit head in it that somebody else signed is said', () => {
  const [record] = chainOf(1)
  if (record === undefined) throw new Error('no record')
  const signed = signReceipt(signer, { ...receipt, auditHead: signHead(otherSigner, record, 5) })
  expect(verifyReceipt(signed, publicKeys).trouble).toContain(otherSigner.keyId)
  const both = [...publicKeys, ...readPublicKeys(otherSigner.publicKey)]
  expect(verifyReceipt(signed, both).trouble).toBeNull()
})

test('a receipt in sentences: what is done, what is due, what is late', () => {
  expect(receiptSentences(receipt)).toEqual([
    'Erasure request-7 of 2 subjects of acme, requested 2026-09-21T10:00:00.000Z. As of 2026-09-22T10:00:00.000Z:',
    '  state: the bytes themselves are gone since 2026-09-21T10:00:00.412Z',
    '  keys: can no longer be read since 2026-09-21T10:00:31.000Z; the bytes will be gone by 2026-09-29T10:00:00.000Z',
    '  log: nothing done yet; the bytes were due to be gone by 2026-09-22T09:00:00.000Z: LATE',
    '  outbox: no longer used since 2026-09-21T10:00:00.412Z; when the bytes are gone is not promised',
    '  backups: nothing done yet; when the bytes are gone is not promised',
    '2 keys destroyed.',
    'A search of the raw bytes of 12 files (48211 bytes) at 2026-09-21T10:01:00.000Z found nothing.',
    'The audit chain went up to record 0 then.',
  ])
})

test('a receipt says of how many of the subjects nothing was held', () => {
  const said = (more: Partial<ErasureReceipt>) => receiptSentences({ ...receipt, ...more })[1]
  const subject = { subjects: ['ref-1'] }
  expect(said({ unheld: 1 })).toBe('  Nothing was held under 1 of the subjects when it was asked for.')
  expect(said({ ...subject, unheld: 1 })).toBe('  Nothing was held under the subject when it was asked for.')
  for (const more of [{ unheld: 0 }, {}]) expect(said(more)).toContain('  state: ')
  expect(() => signReceipt(signer, { ...receipt, unheld: 1 })).not.toThrow()
})

test('a receipt of an older version, with a time for backups and outbox, is genuine and promises as little', () => {
  const states = receipt.states.map(state => ({ ...state, due: receipt.issuedAt }))
  const signed = again(signReceipt(signer, { ...receipt, states }))
  const verdict = verifyReceipt(signed, publicKeys)
  expect(verdict).toMatchObject({ signature: { kind: 'as-expected' }, trouble: null })
  const sentences = receiptSentences(verdict.receipt ?? receipt)
  const unpromised = ['  outbox', '  backups'].map(store => sentences.find(line => line.startsWith(store)))
  expect(unpromised).toEqual(receiptSentences(receipt).filter(line => /^ {2}(?:outbox|backups)/.test(line)))
})

test('a certificate in sentences', () => {
  expect(receiptSentences(certificate)).toEqual([
    'End of acme (end-1), requested 2026-09-21T10:00:00.000Z.',
    `A return package of 7 records was finished at 2026-09-20T10:00:00.000Z; SHA-256 of its manifest ${'ab'.repeat(32)}.`,
    'Deleted: 3 sessions, 4 calls. As of 2026-09-30T10:00:00.000Z:',
    '  log: the bytes themselves are gone since 2026-09-29T02:00:00Z',
    '1 key destroyed.',
    'No search of the raw bytes was made for it: where bytes are gone, that follows from files that were written anew, or removed, since.',
    'It names no record of the audit chain.',
  ])
  const counted = receiptSentences({ ...certificate, keysDestroyed: [] })
  expect(counted.join()).not.toContain('destroyed')
})
