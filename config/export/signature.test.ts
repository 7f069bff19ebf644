import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { signReceipt } from '../receipts.ts'
import { otherSigner, publicKeys, signer } from '../testChain.ts'
import { receipt } from '../testReceipt.ts'
import { recordsOf } from './assemble.ts'
import { annasHistory, annasSubjects } from './goldenHistory.ts'
import { packageFiles } from './makePackage.ts'
import { fileText, manifestName, signatureName, sumsName, sumsText } from './manifest.ts'
import { packageIn, verifyPackage } from './readPackage.ts'
import { type ManifestFacts, signManifest } from './signature.ts'
import { head } from './testHead.ts'

// A package that is signed: whoever changes a byte of it, or makes another one, is found, and what was changed is named.

type Files = ReadonlyMap<string, Uint8Array>

const records = recordsOf(annasHistory, annasSubjects)
const signedBy = (by: typeof signer, of = head) =>
  packageFiles(of, records, (facts: ManifestFacts) => signManifest(by, facts))
const verify = (files: Files) => verifyPackage(packageIn(files), publicKeys)
const named = async (files: Files) =>
  (await verify(files)).troubles.map(({ file, says }) => `${file} ${says}`)

test('a package that nobody touched is whole, and says by which key', async () => {
  expect(await verify(await signedBy(signer))).toMatchObject({ signedBy: signer.keyId, troubles: [] })
})

/** Every byte of what is not in the manifest itself; of what is, where one hash has all of a file, some stand for all. */
const stepOf = (name: string, bytes: number) => {
  if ([manifestName, signatureName, sumsName].includes(name)) return 1
  return bytes < 2_500 ? 5 : 97
}

test('one bit of any byte of any file: that file is named before all others', async () => {
  const files = await signedBy(signer)
  let flips = 0
  for (const [name, bytes] of files) {
    for (let at = 0; at < bytes.length; at += stepOf(name, bytes.length)) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      const { troubles } = await verify(new Map([...files, [name, changed]]))
      expect(troubles[0]?.file, `${name} byte ${at}`).toBe(name)
      flips += 1
    }
  }
  expect(flips).toBeGreaterThan(5_000)
}, 120_000)

test('a file that is gone or came along is named, whoever wrote the sums anew', async () => {
  const files = await signedBy(signer)
  for (const name of files.keys()) {
    const without = new Map([...files].filter(([other]) => other !== name))
    expect((await verify(without)).troubles[0], name).toMatchObject({ file: name })
    if (name === sumsName || name === manifestName) continue
    expect((await named(summed(without)))[0], name).toContain(`${name} is missing`)
  }
  expect(await named(new Map([...files, ['extra.html', new Uint8Array()]]))).toEqual([
    'extra.html is not in the manifest',
  ])
})

/** With sums that fit, as whoever changes files without the key can write them. */
function summed(files: Files): Files {
  const listed = (JSON.parse(textOf(files, manifestName)) as { files: { name: string; sha256: string }[] })
    .files
  const more = [manifestName, signatureName].filter(name => files.has(name)).map(name => entry(files, name))
  return new Map([
    ...files,
    [sumsName, Buffer.from(sumsText([...listed.map(one => ({ ...one, bytes: 0 })), ...more]))],
  ])
}

const textOf = (files: Files, name: string) => Buffer.from(files.get(name) ?? []).toString()
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const entry = (files: Files, name: string) => ({
  name,
  bytes: 0,
  sha256: sha256(files.get(name) ?? Buffer.of()),
})

/** A record says something else, and manifest and sums agree with it. */
function forged(files: Files): Files {
  const name = 'calls.jsonl'
  const bytes = Buffer.from(textOf(files, name).replace('"carrier":"generic"', '"carrier":"gеneric"'))
  const manifest = JSON.parse(textOf(files, manifestName)) as {
    files: { name: string; sha256: string; bytes: number }[]
  }
  for (const file of manifest.files)
    if (file.name === name) Object.assign(file, { bytes: bytes.length, sha256: sha256(bytes) })
  return summed(new Map([...files, [name, bytes], [manifestName, Buffer.from(fileText(manifest))]]))
}

const withSignature = (files: Files, value: object) =>
  summed(new Map([...files, [signatureName, Buffer.from(fileText(value))]]))

test('what is forged as a whole is not the one that was signed', async () => {
  const files = await signedBy(signer)
  expect(await named(forged(files))).toEqual(['manifest.json is not the one that was signed'])
  const others = await signedBy(signer, { ...head, request: 'request-2' })
  const moved = new Map([...forged(files), [signatureName, others.get(signatureName) ?? Buffer.of()]])
  expect(await named(summed(moved))).toEqual(['manifest.json is not the one that was signed'])
  const unsigned = new Map([...forged(files)].filter(([name]) => name !== signatureName))
  expect(await named(summed(unsigned))).toEqual([
    'manifest.signature.json is missing: the package is not signed',
  ])
})

test('the same said in other bytes is not the same', async () => {
  const files = await signedBy(signer)
  const longer = (name: string) => summed(new Map([...files, [name, Buffer.from(`${textOf(files, name)} `)]]))
  expect(await named(longer(manifestName))).toEqual(['manifest.json is not the one that was signed'])
  expect(await named(longer(signatureName))).toEqual([
    `${signatureName} is no signature that this version reads`,
  ])
})

test('a signature by somebody else, of something else, or none of ours, is named', async () => {
  const byOther = await signedBy(otherSigner)
  expect(await named(byOther)).toEqual([
    `manifest.signature.json is by key ${otherSigner.keyId}, which is not the one expected: anybody may have made it`,
  ])
  expect((await verifyPackage(packageIn(byOther), null)).signedBy).toBe(otherSigner.keyId)
  const files = await signedBy(signer)
  const signed = JSON.parse(textOf(files, signatureName)) as object
  const facts = {
    tenant: 'acme',
    request: 'request-1',
    purpose: 'access',
    madeAt: '2026-11-24T12:00:00.000Z',
  } as const
  const manifestSha256 = sha256(files.get(manifestName) ?? Buffer.of())
  const wrong = [
    [signReceipt(signer, receipt), 'is no signature that this version reads'],
    [{ ...signed, more: 1 }, 'is no signature that this version reads'],
    [{ ...signed, tenant: 'other' }, 'is not genuine: it was changed, or was never signed'],
    [signManifest(signer, { ...facts, tenant: 'other', manifestSha256 }), 'speaks of another package'],
  ] as const
  for (const [value, says] of wrong)
    expect(await named(withSignature(files, value))).toEqual([`${signatureName} ${says}`])
  expect(await named(withSignature(files, signManifest(signer, { ...facts, manifestSha256 })))).toEqual([])
})

test('nothing is signed but the manifest of a package', () => {
  expect(() => signManifest(signer, { tenant: 'acme' } as ManifestFacts)).toThrow('no manifest of a package')
})
