import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf, isSecretOf, makeSecret } from './keyText.ts'

/**
 * The machine's own token: whoever may read the data directory may ask the admin listener, and so make the first keys. It
 * is made anew at every start, and is in no log, no entry and no answer.
 */
const fileName = 'admin.token'
const form = /^rtm_[A-Za-z0-9_-]{43}$/

export type MachineToken = { isSame(text: string): boolean }

/** Makes the token and puts it where commands on this machine read it: whole or not at all, readable by its user alone. */
export function makeMachineToken(dataDir: string): MachineToken {
  const text = `rtm_${makeSecret()}`
  const file = join(dataDir, fileName)
  const aside = `${file}.new`
  rmSync(aside, { force: true })
  const descriptor = openSync(aside, 'wx', 0o600)
  try {
    writeSync(descriptor, `${text}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(aside, file)
  const hash = hashOf(text)
  return { isSame: given => form.test(given) && isSecretOf(hash, given) }
}

/** The token of the process that runs on this data directory, or null: none was started here, or we may not read it. */
export function readMachineToken(dataDir: string): string | null {
  try {
    const text = readFileSync(join(dataDir, fileName), 'utf8').trim()
    return form.test(text) ? text : null
  } catch {
    return null
  }
}
