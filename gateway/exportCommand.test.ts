import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordsOf } from '../config/export/assemble.ts'
import { annasHistory, annasSubjects } from '../config/export/goldenHistory.ts'
import { writePackage } from '../config/export/makePackage.ts'
import type { Sign } from '../config/export/manifest.ts'
import { head } from '../config/export/testHead.ts'

const main = join(import.meta.dirname, 'main.ts')
const folder = mkdtempSync(join(tmpdir(), 'ringtrail-export-'))
const [signed, damaged] = [join(folder, 'signed'), join(folder, 'damaged')]
afterAll(() => rmSync(folder, { recursive: true }))

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const key = publicKey.export({ format: 'jwk' }).x as string
const signing: Sign = manifest => ({
  algorithm: 'Ed25519',
  key,
  signature: sign(null, manifest, privateKey).toString('base64url'),
})

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
  appendFileSync(join(damaged, 'calls.csv'), 'x')
})

test('a package that is whole and signed by the key that is asked for is said to be so', () => {
  const { status, out, error } = verify('--package', signed, '--key', key)
  expect(error).toBe('')
  expect(out).toContain('The package is whole: 12 files as the manifest says')
  expect(out).toContain(`It is signed with the key ${key}.`)
  expect(status).toBe(0)
})

test('a damaged file is named, and so is a signature by another key', () => {
  expect(verify('--package', damaged)).toMatchObject({
    status: 1,
    error: expect.stringMatching(/^calls\.csv has \d+ bytes, the manifest says \d+\.\n$/),
  })
  const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x as string
  expect(verify('--package', signed, '--key', other)).toMatchObject({
    status: 1,
    error: 'manifest.signature.json does not sign this manifest.\n',
  })
})

test('where there is no package, one sentence says so', () => {
  expect(verify('--package', join(folder, 'none')).error).toBe(
    `There is nothing at ${join(folder, 'none')}.\n`,
  )
})
