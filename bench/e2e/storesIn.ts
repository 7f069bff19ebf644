import { join } from 'node:path'
import { createSigner } from '../../config/signing.ts'
import type { Owned } from '../../workers/open.ts'

const rootKey = Buffer.alloc(32, 5)

/** Where a partition that a test opens by itself keeps its stores, and the key under which its keys are wrapped. */
export function storesIn(dataDir: string) {
  const signer = createSigner(rootKey)
  return { dataDir, keyDir: join(dataDir, 'keys'), rootKey, signer, backupsKeptMs: 90 * 86_400_000 }
}

/** Ends such a partition as a worker does. */
export async function leave(owned: Owned): Promise<void> {
  await owned.follower.stop()
  await owned.close()
}
