import { setImmediate as turn } from 'node:timers/promises'
import { join } from 'node:path'
import { openEnvironment } from '../../config/lmdb.ts'
import type { Key } from './ground.ts'
import { openKeyStore } from './keyStore.ts'
import { rootKey } from './testKeys.ts'

/**
 * For the test of old formats: opens a key store and is killed, by itself, so long after a block has come onto pages. A process of
 * its own, because nothing of it may be tidied up.
 */
async function openUntil(directory: string, block: number, laterMs: number): Promise<void> {
  const root = openEnvironment<Key>(join(directory, 'keys'))
  void openKeyStore({ directory, rootKey })
  while (!root.doesExist(['key', block, 0])) await turn()
  const kill = () => process.kill(process.pid, 'SIGKILL')
  if (laterMs === 0) kill()
  else setTimeout(kill, laterMs)
}

const [, main, directory, block, laterMs] = process.argv
if (main === import.meta.filename) await openUntil(String(directory), Number(block), Number(laterMs))
