import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { secretKey } from '../../config/keyWrap.ts'
import { rootKey } from './testKeys.ts'
import { openVault, slotBytes } from './vault.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringtrail-vault-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const root = secretKey(rootKey)
let made = 0
const newFile = () => join(folder, `vault-${++made}`)
const slotOf = (file: string, slot: number) =>
  readFileSync(file).subarray(slot * slotBytes, (slot + 1) * slotBytes)

test('a key comes back after the vault is closed, and the file holds nothing of it in clear', async () => {
  const file = newFile()
  const vault = openVault(file, root)
  const key = randomBytes(32)
  const slot = vault.allocate()
  vault.write(slot, key)
  await vault.flush()
  vault.close()
  const again = openVault(file, root)
  expect(again.read(slot)).toEqual(key)
  expect(again.identity).toBe(vault.identity)
  expect(readFileSync(file).includes(key)).toBe(false)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(file).size % slotBytes).toBe(0)
  again.close()
})

test('a destroyed key is gone where it lay, and its slot is free once that is flushed', async () => {
  const file = newFile()
  const vault = openVault(file, root)
  const slot = vault.allocate()
  vault.write(slot, randomBytes(32))
  await vault.flush()
  const before = Buffer.from(slotOf(file, slot))
  vault.destroy(slot)
  expect(vault.read(slot)).toBe(null)
  expect(vault.allocate()).not.toBe(slot)
  await vault.flush()
  expect(vault.allocate()).toBe(slot)
  const now = slotOf(file, slot)
  // Nothing of 8 bytes stands where it stood.
  for (let at = 0; at + 8 <= slotBytes; at += 1) {
    expect(now.subarray(at, at + 8).equals(before.subarray(at, at + 8))).toBe(false)
  }
  vault.close()
})

test('a key that is moved to another slot opens nothing', async () => {
  const file = newFile()
  const vault = openVault(file, root)
  const [one, two] = [vault.allocate(), vault.allocate()]
  vault.write(one, randomBytes(32))
  vault.write(two, randomBytes(32))
  await vault.flush()
  vault.close()
  const bytes = readFileSync(file)
  bytes.copy(bytes, two * slotBytes, one * slotBytes, (one + 1) * slotBytes)
  writeFileSync(file, bytes)
  const again = openVault(file, root)
  expect(again.read(one)).not.toBe(null)
  expect(again.read(two)).toBe(null)
  again.close()
})

test('slots that nobody names are told, and free only when they are destroyed', async () => {
  const file = newFile()
  const vault = openVault(file, root)
  const slots = Array.from({ length: 200 }, () => vault.allocate())
  expect(new Set(slots).size).toBe(200)
  expect(slots).not.toContain(0)
  for (const slot of slots) vault.write(slot, randomBytes(32))
  await vault.flush()
  vault.close()
  const again = openVault(file, root)
  const named = new Set(slots.slice(0, 150))
  expect(new Set(again.settle(named))).toEqual(new Set(slots.slice(150)))
  const free = Array.from({ length: 20 }, () => again.allocate())
  expect(free.filter(slot => slots.includes(slot))).toEqual([])
  again.close()
})

test('a wrong root key is said, by the name of the file alone', () => {
  const file = newFile()
  openVault(file, root).close()
  const wrong = randomBytes(32)
  expect(() => openVault(file, secretKey(wrong))).toThrow(
    `The root key does not open ${file}: it is not the key that this vault was made with.`,
  )
  writeFileSync(file, '')
  expect(() => openVault(file, root)).toThrow('The root key does not open')
})

test('what the file does not hold after a flush is found', async () => {
  const file = newFile()
  const vault = openVault(file, root)
  const slot = vault.allocate()
  vault.write(slot, randomBytes(32))
  const bytes = readFileSync(file)
  bytes.fill(0, slot * slotBytes, (slot + 1) * slotBytes)
  writeFileSync(file, bytes)
  await expect(vault.flush()).rejects.toThrow(`Slot ${slot} of ${file} does not hold what was written to it.`)
  // It is written again, so that a second attempt ends well.
  await vault.flush()
  expect(vault.read(slot)).not.toBe(null)
  vault.close()
})
