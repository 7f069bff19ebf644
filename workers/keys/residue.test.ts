import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { secretKey } from '../../config/keyWrap.ts'
import { openKeyStore } from './keyStore.ts'
import { idFor, makeGateway, rootKey, secretFor, someMs, subjects } from './testKeys.ts'
import { openVault, slotBytes } from './vault.ts'

/**
 * What somebody can recover who has every file and the root key. It tries every key that the vault still opens on every
 * place of every file, and does not ask for a valid tag: half of a wrapped key would be found too.
 */

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-residue-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const nonceBytes = 12
const secretBytes = 32
/** A page is longer than a key: so much is deciphered behind every place that may be a nonce. */
const pageBytes = 50 * 16
const placesAtOnce = 1_024
const derived = Buffer.from(hkdfSync('sha256', rootKey, '', 'ringtrail vault v1', secretBytes))
const vaultKey = secretKey(derived)

function filesOf(directory: string): Buffer[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name)))
}

/** Every key that the vault gives to whoever has the root key, and the keys derived from it. */
function keysAtHand(directory: string): Buffer[] {
  const file = join(directory, 'vault')
  const vault = openVault(file, vaultKey)
  const slots = readFileSync(file).length / slotBytes
  const keys = Array.from({ length: slots }, (_, slot) => vault.read(slot)).filter(key => key !== null)
  vault.close()
  return [rootKey, derived, ...keys]
}

/**
 * How often each secret is found: in clear, or behind any 12 bytes that may be a nonce, under any key. AES-GCM enciphers
 * with the blocks that AES makes of the nonce and the numbers from 2.
 */
function recoveries(directory: string, secrets: readonly Buffer[]): number[] {
  const found = secrets.map(() => 0)
  const count = (bytes: Buffer) => {
    for (const [index, secret] of secrets.entries())
      if (bytes.includes(secret)) found[index] = (found[index] ?? 0) + 1
  }
  const keys = keysAtHand(directory)
  for (const key of keys) count(key)
  for (const bytes of filesOf(directory)) {
    count(bytes)
    for (const key of keys) for (const plain of decipheredAnywhere(bytes, key)) count(plain)
  }
  return found
}

function* decipheredAnywhere(bytes: Buffer, key: Buffer): Generator<Buffer> {
  const blocks = pageBytes / 16
  const padded = Buffer.concat([bytes, Buffer.alloc(pageBytes)])
  const counters = Buffer.alloc(placesAtOnce * pageBytes)
  for (let from = 0; from < bytes.length - nonceBytes; from += placesAtOnce) {
    const places = Math.min(placesAtOnce, bytes.length - nonceBytes - from)
    for (let at = 0; at < places; at++) {
      for (let block = 0; block < blocks; block++) {
        const offset = at * pageBytes + block * 16
        bytes.copy(counters, offset, from + at, from + at + nonceBytes)
        counters.writeUInt32BE(2 + block, offset + nonceBytes)
      }
    }
    const stream = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(counters)
    for (let at = 0; at < places; at++) {
      const plain = stream.subarray(at * pageBytes, (at + 1) * pageBytes)
      const start = from + at + nonceBytes
      for (let index = 0; index < pageBytes; index++)
        plain[index] = (plain[index] as number) ^ (padded[start + index] as number)
      yield plain
    }
  }
}

test('an erased secret is in no file any more, even for who has the root key', async () => {
  const directory = join(folder, 'one')
  const open = () => openKeyStore({ directory, rootKey })
  const store = await open()
  const gateway = makeGateway(store.intake())
  await store.take(subjects('acme', 0, 40).map(gateway))
  await store.take([gateway({ tenant: 'acme', name: 'retention', of: 'period', lastsMs: 5 })])
  await store.close()
  const names = ['v:visitor-7', 'retention', 'v:visitor-8']
  const secrets = names.map(name => secretFor(idFor('acme', name)))
  expect(Math.min(...recoveries(directory, secrets))).toBeGreaterThan(0)

  const again = await open()
  await again.noteErasure('acme', 'request', ['v:visitor-7'], someMs)
  await again.eraseSubjects([{ tenant: 'acme', names: ['v:visitor-7'] }])
  await again.destroyPeriods(() => true)
  await again.forgetErasures(someMs + 1, 100)
  await again.close()
  const after = recoveries(directory, secrets)
  expect(after.slice(0, 2)).toEqual([0, 0])
  expect(after[2]).toBeGreaterThan(0)
  const clear = filesOf(directory).map(bytes => bytes.toString('latin1'))
  expect(clear.filter(text => text.includes('visitor-'))).toEqual([])
}, 120_000)

test('of an erasure that was cut short and asked for again nothing is left either', async () => {
  const directory = join(folder, 'cut')
  const open = () => openKeyStore({ directory, rootKey })
  const store = await open()
  await store.take(subjects('acme', 0, 20).map(makeGateway(store.intake())))
  const names = ['v:visitor-7', 'v:visitor-9']
  const cut = store.eraseSubjects([{ tenant: 'acme', names: names.slice(0, 1) }])
  await Promise.all([expect(cut).rejects.toThrow(), store.close()])
  const secrets = [...names, 'v:visitor-11'].map(name => secretFor(idFor('acme', name)))
  expect(Math.min(...recoveries(directory, secrets))).toBeGreaterThan(0)
  const again = await open()
  await again.eraseSubjects([{ tenant: 'acme', names }])
  await again.close()
  const after = recoveries(directory, secrets)
  expect(after.slice(0, 2)).toEqual([0, 0])
  expect(after[2]).toBeGreaterThan(0)
}, 120_000)

test('a key that no row names, as a crash leaves it, is destroyed when the store is opened', async () => {
  const directory = join(folder, 'two')
  await (await openKeyStore({ directory, rootKey })).close()
  const left = randomBytes(secretBytes)
  const vault = openVault(join(directory, 'vault'), vaultKey)
  const slot = vault.allocate() + 10
  vault.write(slot, left)
  await vault.flush()
  vault.close()
  expect(recoveries(directory, [left])).toEqual([2])
  const store = await openKeyStore({ directory, rootKey })
  expect(recoveries(directory, [left])).toEqual([0])
  await store.close()
})
