import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { loadKeyFile } from './keyFile.ts'
import type { Config } from './types.ts'

const commandWithinMs = 10_000
const textCharsMin = 32

/**
 * The key under which the key store wraps all others: what `rootKeyCommand` prints (a key management service's own client),
 * or what the environment or `rootKeyFile` says, or else a file of the data directory, made at the first start. Throws a
 * sentence that repeats nothing of it.
 */
export function loadRootKey({
  rootKey,
  rootKeyCommand,
  dataDir,
}: Pick<Config, 'rootKey' | 'rootKeyCommand' | 'dataDir'>): Buffer {
  if (rootKeyCommand !== null) return keyOf(printedBy(rootKeyCommand))
  if (rootKey !== null) return keyOf(rootKey.reveal())
  return loadKeyFile({ name: 'root-key', dataDir, file: null })
}

/** Any text that is long enough: its length says nothing of its strength, so it is hashed, not stretched. */
function keyOf(text: string): Buffer {
  return createHash('sha256').update(`ringtrail root key\0${text.trim()}`).digest()
}

function printedBy([command = '', ...args]: readonly string[]): string {
  let text: string
  try {
    text = execFileSync(command, args, {
      encoding: 'utf8',
      timeout: commandWithinMs,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch (error) {
    const { code, status } = error as { code?: unknown; status?: unknown }
    throw new Error(
      `rootKeyCommand ${command} did not print a key (${String(code ?? `exit ${String(status)}`)}).`,
    )
  }
  if (text.trim().length < textCharsMin)
    throw new Error(`rootKeyCommand ${command} has to print at least ${textCharsMin} characters.`)
  return text
}
