import { createHmac } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refused } from '../config/refused.ts'

const fileName = 'pepper-check'

/**
 * Whether the pepper is the one that the data of this folder was made with: with another one every caller would be somebody else,
 * and nobody who asks for their data would be found. Throws a sentence where it is not. What is kept says nothing of the pepper.
 */
export function checkPepper(pepper: Uint8Array, dataDir: string): void {
  const file = join(dataDir, fileName)
  const value = createHmac('sha256', pepper).update('ringtrail pepper check v1').digest('hex')
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true })
    return writeFileSync(file, `${value}\n`, { mode: 0o600 })
  }
  if (readFileSync(file, 'utf8').trim() === value) return
  throw new Refused(
    `The pepper is not the one that the data in ${dataDir} was made with: callers would be taken for others. Give it that one (pepperFile). Where it is lost for good, remove ${file} and start again (docs/backup.md).`,
  )
}
