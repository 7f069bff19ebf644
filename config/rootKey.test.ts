import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadRootKey } from './rootKey.ts'
import { Secret } from './secrets.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'ringtrail-rootkey-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const text = 'correct horse battery staple 0123456789'
const none = { rootKey: null, rootKeyCommand: null }

test('one is made at the first start, for its owner alone, and stays the same', () => {
  const made = loadRootKey({ ...none, dataDir })
  expect(made).toHaveLength(32)
  expect(loadRootKey({ ...none, dataDir })).toEqual(made)
  expect(statSync(join(dataDir, 'root-key')).mode & 0o777).toBe(0o600)
})

test('what a command prints is the same key as what a file or the environment says', () => {
  const said = loadRootKey({ ...none, rootKey: new Secret(text), dataDir })
  const rootKeyCommand = [process.execPath, '-e', `console.log(${JSON.stringify(text)})`]
  expect(loadRootKey({ ...none, rootKeyCommand, dataDir })).toEqual(said)
  expect(loadRootKey({ ...none, rootKey: new Secret(`${text}1`), dataDir })).not.toEqual(said)
})

test.each([
  [['/nowhere/kms'], 'rootKeyCommand /nowhere/kms did not print a key (ENOENT).'],
  [
    [process.execPath, '-e', 'process.exit(3)'],
    `rootKeyCommand ${process.execPath} did not print a key (exit 3).`,
  ],
  [
    [process.execPath, '-e', 'console.log("too short")'],
    `rootKeyCommand ${process.execPath} has to print at least 32 characters.`,
  ],
])('%j is refused with a sentence that repeats nothing of the key', (rootKeyCommand, says) => {
  expect(() => loadRootKey({ ...none, rootKeyCommand, dataDir })).toThrow(says)
})

test('a file of another form is refused', () => {
  writeFileSync(join(dataDir, 'root-key'), 'not a key')
  expect(() => loadRootKey({ ...none, dataDir })).toThrow('has to hold 64 hexadecimal digits')
})
