import { join } from 'node:path'
import { openToRead, type Reading } from '../../config/lmdbFile.ts'
import { unpack } from '../../config/pack.ts'
import { partitionOfTenant } from '../../config/partitions.ts'
import { storeFormat } from '../store.ts'
import { CannotAsk } from './record.ts'

/** The store of a tenant's partition, opened to be read while its owner may be writing to it. No key is opened. */
export type StoreKey = (string | number)[]
export type StoreReading = Reading<StoreKey>

/** Where stores are. */
export type Places = { readonly dataDir: string; readonly keyDir: string; readonly partitions: number }

const triesMax = 3

/**
 * Reads from the store of a tenant's partition. What was read while the owner put a compacted file in the place of the old
 * one is read again: a reader has to be announced where the writer looks.
 */
export async function readStore<Result>(
  { dataDir, keyDir, partitions }: Places,
  tenant: string,
  read: (store: StoreReading) => Promise<Result>,
): Promise<Result> {
  const partition = partitionOfTenant(tenant, 0, partitions)
  const folder = String(partition).padStart(3, '0')
  const path = join(dataDir, 'partitions', folder)
  for (let left = triesMax; left > 0; left--) {
    const remembered = await rememberedErasures(join(keyDir, folder, 'keys'), tenant)
    const store = openToRead<StoreKey>(path)
    if (store === null) throw new CannotAsk(sayNoStore(path, partition))
    try {
      checkFormat(store, path)
      refuseOwed(store, remembered)
      const result = await read(store)
      if (store.isCurrent()) return result
    } finally {
      await store.close()
    }
  }
  throw new CannotAsk(`The store in ${path} was written anew each time it was read. Ask again.`)
}

function sayNoStore(path: string, partition: number): string {
  return `There is no store in ${path}. What is on record lies with the worker that owns partition ${partition}: ask there, from the folder that it was started in.`
}

function checkFormat(store: StoreReading, path: string): void {
  const written = store.get(['meta', 'format'])
  const format = written === undefined ? storeFormat : (unpack(written) as number)
  if (format > storeFormat)
    throw new CannotAsk(
      `The store in ${path} has format ${format}; this version of Ringtrail reads up to ${storeFormat}. Ask with the newer version.`,
    )
}

async function rememberedErasures(path: string, tenant: string): Promise<StoreKey[]> {
  const keys = openToRead<StoreKey>(path)
  if (keys === null) return []
  try {
    return [...keys.getKeys({ start: ['erasure', tenant], end: ['erasure', tenant, '\uffff'] })]
  } finally {
    await keys.close()
  }
}

/** An erasure that the key store remembers and this store does not know: a backup was put back, and nobody has erased again. */
function refuseOwed(store: StoreReading, remembered: readonly StoreKey[]): void {
  if (remembered.every(key => store.doesExist(key))) return
  throw new CannotAsk(
    'The store holds people who were erased: it is a backup that was put back. Start the system, which erases them again, and ask then.',
  )
}
