import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openStore } from './store.ts'

/**
 * Says to the stores of a data directory that their keys are lost for good, so that the next start goes on with what is there, and
 * writes it into every chain of which it was true. Nobody else has them open. Says of how many partitions.
 */
export async function sayKeysLost(dataDir: string, atMs: number): Promise<number> {
  const folder = join(dataDir, 'partitions')
  const numbers = existsSync(folder) ? readdirSync(folder).filter(name => /^\d{3}$/.test(name)) : []
  for (const number of numbers.map(Number)) {
    const store = openStore(dataDir, number)
    if (store.keysKnown() !== null) await store.sayKeysLost({ atMs })
    await store.close()
  }
  return numbers.length
}
