import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordsOf } from '../config/export/assemble.ts'
import { annasHistory, annasSubjects } from '../config/export/goldenHistory.ts'
import { writePackage } from '../config/export/makePackage.ts'
import { type Sign, signManifest } from '../config/export/signature.ts'
import { head } from '../config/export/testHead.ts'
import { publicKeyPem } from '../config/signing.ts'
import { otherSigner, signer } from '../config/testChain.ts'

const main = join(import.meta.dirname, 'main.ts')
const folder = mkdtempSync(join(tmpdir(), 'ringtrail-export-'))
const [signed, damaged, unsigned] = ['signed', 'damaged', 'unsigned'].map(name => join(folder, name)) as [
  string,
  string,
  string,
]
afterAll(() => rmSync(folder, { recursive: true }))

const signing: Sign = facts => signManifest(signer, facts)
const key = publicKeyPem(signer)

function verify(...options: string[]): { status: number | null; out: string; error: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'export', 'verify', ...options], {
    encoding: 'utf8',
  })
  return { status, out: stdout, error: stderr }
}

beforeAll(async () => {
  const records = recordsOf(annasHistory, annasSubjects)
  await writePackage(signed, head, records, signing)
  await writePackage(damaged, head, records, signing)
  await writePackage(unsigned, head, records)
  appendFileSync(join(damaged, 'calls.csv'), 'x')
})

test('a package that is whole and signed by the key that is asked for is said to be so', () => {
  const file = join(folder, 'key.pem')
  // Several, where the root key was replaced.
  writeFileSync(file, `${otherSigner.publicKey}\n${key}`)
  const genuine = `Genuine: signed with key ${signer.keyId}, as expected.`
  for (const given of [key, file, signer.publicKey]) {
    const { status, out, error } = verify('--package', signed, '--key', given)
    expect(error).toBe('')
    expect(out).toContain('The package is whole: 12 files as the manifest says')
    expect(out).toContain(genuine)
    expect(status).toBe(0)
  }
})

test('without a key nothing is proven: it is said who signed it, or that nobody did, and the command fails', () => {
  const whole = expect.stringMatching(/^The package is whole: .*\)\.\n$/)
  expect(verify('--package', signed)).toEqual({
    status: 1,
    out: whole,
    error: `Not proven: it is signed with key ${signer.keyId}; whether that is the right one, --key tells.\n`,
  })
  expect(verify('--package', unsigned)).toEqual({
    status: 1,
    out: whole,
    error: 'Not proven: it is not signed, and anybody may have made it.\n',
  })
})

test('a damaged file is named, and so is a signature by another key, or none', () => {
  expect(verify('--package', damaged)).toMatchObject({
    status: 1,
    error: expect.stringMatching(/^calls\.csv has \d+ bytes, the manifest says \d+\.\n$/),
  })
  expect(verify('--package', signed, '--key', otherSigner.publicKey)).toMatchObject({
    status: 1,
    error: `manifest.signature.json is by key ${signer.keyId}, which is not the one expected: anybody may have made it.\n`,
  })
  expect(verify('--package', unsigned, '--key', key)).toMatchObject({
    status: 1,
    error: 'manifest.signature.json is missing: the package is not signed.\n',
  })
})

test('where there is no package, one sentence says so', () => {
  expect(verify('--package', join(folder, 'none')).error).toBe(
    `There is nothing at ${join(folder, 'none')}.\n`,
  )
})
