import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkPepper } from './pepperCheck.ts'

test('data goes on with the pepper that it was made with, and with no other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtrail-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const dataDir = join(folder, 'data')
  const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  checkPepper(one, dataDir)
  checkPepper(one, dataDir)
  const file = join(dataDir, 'pepper-check')
  expect(() => checkPepper(other, dataDir)).toThrow(`remove ${file} and start again`)
  expect(readFileSync(file).includes(one)).toBe(false)
  rmSync(file)
  checkPepper(other, dataDir)
  expect(existsSync(file)).toBe(true)
})
