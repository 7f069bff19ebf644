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
 * its first 32 bytes with the blocks that AES makes of the nonce and the numbers 2 and 3.
 */
function recoveries(directory: string, secrets: readonly Buffer[]): number[] {
  const found = secrets.map(() => 0)
  const count = (bytes: Buffer) => {
    const index = secrets.findIndex(secret => secret.equals(bytes))
    if (index >= 0) found[index] = (found[index] ?? 0) + 1
  }
  const keys = keysAtHand(directory)
  for (const key of keys) count(key)
  for (const bytes of filesOf(directory)) {
    for (let at = 0; at + secretBytes <= bytes.length; at++) count(bytes.subarray(at, at + secretBytes))
    for (const key of keys) for (const plain of decipheredAnywhere(bytes, key)) count(plain)
  }
  return found
}

function* decipheredAnywhere(bytes: Buffer, key: Buffer): Generator<Buffer> {
  const places = Math.max(0, bytes.length - nonceBytes - secretBytes + 1)
  const counters = Buffer.alloc(places * secretBytes)
  for (let at = 0; at < places; at++) {
    for (const block of [0, 1]) {
      const offset = at * secretBytes + block * 16
      bytes.copy(counters, offset, at, at + nonceBytes)
      counters.writeUInt32BE(2 + block, offset + nonceBytes)
    }
  }
  const stream = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(counters)
  for (let at = 0; at < places; at++) {
    const plain = stream.subarray(at * secretBytes, (at + 1) * secretBytes)
    for (let index = 0; index < secretBytes; index++)
      plain[index] = (plain[index] ?? 0) ^ (bytes[at + nonceBytes + index] ?? 0)
    yield plain
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
  await again.forgetErasures(someMs + 1)
  await again.close()
  const after = recoveries(directory, secrets)
  expect(after.slice(0, 2)).toEqual([0, 0])
  expect(after[2]).toBeGreaterThan(0)
  const clear = filesOf(directory).map(bytes => bytes.toString('latin1'))
  expect(clear.filter(text => text.includes('visitor-'))).toEqual([])
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
