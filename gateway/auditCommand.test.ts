import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { signReceipt } from '../config/receipts.ts'
import { publicKeyPem } from '../config/signing.ts'
import { chainOf, headsOf, linesOfRecords, otherSigner, rehashed, signer } from '../config/testChain.ts'
import { certificate, receipt } from '../config/testReceipt.ts'

/** The real command in a process of its own, on real files: it knows nothing but them and the public key. */
const folder = mkdtempSync(join(tmpdir(), 'ringtrail-audit-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const main = join(import.meta.dirname, 'main.ts')
const chain = chainOf(20)

function keep(name: string, content: readonly string[] | object): string {
  const text = Array.isArray(content) ? content.map(line => `${line}\n`).join('') : JSON.stringify(content)
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  })
  return { status, stdout, stderr }
}

const records = keep('records.jsonl', linesOfRecords(chain))
const heads = keep('heads.jsonl', headsOf(chain, [4, 9, 17]))
const pem = join(folder, 'key.pem')
writeFileSync(pem, publicKeyPem(signer))
const verify = (file: string, key: string, ...more: string[]) =>
  run('audit', 'verify', '--records', file, '--heads', heads, '--key', key, ...more)

test('a whole chain: one line that says how far it is proven, and exit 0', () => {
  const anchors = keep('anchors.jsonl', headsOf(chain, [9]))
  const byText = verify(records, signer.publicKey)
  expect(byText).toMatchObject({ status: 0, stderr: '' })
  expect(byText.stdout).toBe(
    `20 records, chain whole up to index 19, signed head 17 by key ${signer.keyId} at 2026-09-21T14:15:00.017Z; no anchor; records 18 to 19 are newer than the last signed head and not signed: whoever has the files can have changed them\n`,
  )
  const oneMore = verify(keep('nineteen.jsonl', linesOfRecords(chain.slice(0, 19))), pem)
  expect(oneMore.stdout).toContain('; record 18 is newer than the last signed head and not signed: ')
  const all = verify(keep('eighteen.jsonl', linesOfRecords(chain.slice(0, 18))), pem)
  expect(all.stdout).not.toContain('not signed')
  const byFile = verify(records, pem, '--anchors', anchors)
  expect(byFile).toMatchObject({ status: 0, stdout: expect.stringContaining('; anchor 9 by key ') })
})

test('a tampered chain: exit 1, and the index is named', () => {
  const lines = linesOfRecords(chain)
  const edited = keep(
    'edited.jsonl',
    lines.with(6, (lines[6] as string).replace('"atMs":1790000001500', '"atMs":1790000001501')),
  )
  expect(verify(edited, pem)).toEqual({
    status: 1,
    stdout: '',
    stderr: 'record 6 was changed: its hash is not its own.\n',
  })
  const cut = keep('cut.jsonl', lines.slice(0, 12))
  expect(verify(cut, pem)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^record 12 is missing/),
  })
  const anew = rehashed(chain.with(11, { ...chain[11], actor: 'nobody' } as never), 11)
  const rewritten = keep('rewritten.jsonl', linesOfRecords(anew))
  expect(verify(rewritten, pem)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^record 17 is not the one that was signed/),
  })
  expect(verify(records, otherSigner.publicKey)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^record 4 is unproven/),
  })
})

test('what cannot be read is said in a sentence without a stack', () => {
  const missing = join(folder, 'missing.jsonl')
  expect(verify(missing, pem)).toEqual({
    status: 1,
    stdout: '',
    stderr: `${missing} cannot be read (ENOENT).\n`,
  })
  expect(verify(records, missing)).toMatchObject({
    status: 1,
    stderr: `${missing} cannot be read (ENOENT).\n`,
  })
  expect(verify(records, records)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^A public key has to be Ed25519/),
  })
})

test('a receipt and a certificate are said in sentences and verified', () => {
  const file = keep('receipt.json', signReceipt(signer, receipt))
  const genuine = run('receipt', 'verify', '--receipt', file, '--key', pem)
  expect(genuine).toMatchObject({ status: 0, stderr: '' })
  expect(genuine.stdout).toMatch(/^Erasure request-7 of 2 subjects of acme/)
  expect(genuine.stdout).toMatch(
    new RegExp(`\\nGenuine: signed with key ${signer.keyId}, as expected\\.\\n$`),
  )
  const end = keep('certificate.json', signReceipt(signer, certificate))
  expect(run('receipt', 'verify', '--receipt', end, '--key', signer.publicKey)).toMatchObject({ status: 0 })
})

test('a receipt that was changed, or that somebody else signed, is not genuine', () => {
  const signed = signReceipt(signer, receipt)
  const changed = keep('changed.json', { ...signed, keysDestroyed: [] })
  expect(run('receipt', 'verify', '--receipt', changed, '--key', pem)).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^Not genuine\./),
  })
  const forged = keep('forged.json', signReceipt(otherSigner, { ...receipt, auditHead: null }))
  expect(run('receipt', 'verify', '--receipt', forged, '--key', pem)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/not the one expected/),
  })
  writeFileSync(join(folder, 'none.json'), '{')
  const none = run('receipt', 'verify', '--receipt', join(folder, 'none.json'), '--key', pem)
  expect(none).toMatchObject({ status: 1, stderr: expect.stringMatching(/is not JSON\.\n$/) })
})
