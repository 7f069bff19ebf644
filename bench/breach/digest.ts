import { createHash, type Hash } from 'node:crypto'
import { join } from 'node:path'
import { unpack } from '../../config/pack.ts'
import type { KeptEvent, NamedPlace, Place } from '../../workers/history.ts'
import { type KeyStore, openKeyStore } from '../../workers/keys/keyStore.ts'
import { openEvent } from '../../workers/opener.ts'
import { openStore, type Store } from '../../workers/store.ts'
import type { SeededTenant } from './seeded.ts'

/** Everything of a tenant that the end of another may not change. Later entries than `through` do not count. */
export type Digest = {
  readonly rows: number
  readonly names: number
  readonly opened: number
  readonly subjectKeys: number
  readonly periodKeys: number
  /** Over every byte of every row, every name, and what every so many events say when they are opened. */
  readonly sha256: string
}
export type Stores = { readonly store: Store; readonly keys: KeyStore }

/** Opens the stores of partition 0 while no system runs. */
export async function withStores<Result>(
  { dataDir, keyDir }: { readonly dataDir: string; readonly keyDir: string },
  rootKey: Buffer,
  work: (stores: Stores) => Promise<Result>,
): Promise<Result> {
  const store = openStore(dataDir, 0)
  const keys = await openKeyStore({ directory: join(keyDir, '000'), rootKey })
  try {
    return await work({ store, keys })
  } finally {
    await keys.close()
    await store.close()
  }
}

const page = 4_096
const openedEvery = 16

export function digestOf({ store, keys }: Stores, tenant: SeededTenant, through: number): Digest {
  const hash = createHash('sha256')
  const { rows, opened } = digestRows({ store, keys }, tenant, through, hash)
  const names = digestNames(store, tenant, through, hash)
  const { subjectKeys = 0, periodKeys = 0 } = keys.inventory().tenants.get(tenant) ?? {}
  return { rows, names, opened, subjectKeys, periodKeys, sha256: hash.digest('hex') }
}

function digestRows({ store, keys }: Stores, tenant: SeededTenant, through: number, hash: Hash) {
  const counts = { rows: 0, opened: 0 }
  const sampled: KeptEvent[] = []
  const see = (place: Place, lent: Buffer) => {
    if (place.sequence > through) return
    const bytes = lent.subarray(0, lent.length)
    hash.update(textOf(place)).update(bytes)
    if (counts.rows % openedEvery === 0) sampled.push(unpack(bytes) as KeptEvent)
    counts.rows += 1
  }
  let after: Place | null = null
  do {
    after = store.seeHistory(tenant, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, after }, page, see)
    for (const event of sampled.splice(0)) {
      const { personal, isKeyGone } = openEvent(keys, tenant, event)
      if (personal !== null && !isKeyGone) counts.opened += 1
      hash.update(JSON.stringify(personal))
    }
  } while (after !== null)
  return counts
}

function digestNames(store: Store, tenant: SeededTenant, through: number, hash: Hash): number {
  let names = 0
  for (let after: NamedPlace | null = null; ; ) {
    const found: NamedPlace[] = store.named(tenant, '', after, page)
    for (const one of found) {
      if (one.sequence > through) continue
      names += 1
      hash.update(`${one.name} ${textOf(one)}`)
    }
    if (found.length < page) return names
    after = found.at(-1) ?? null
  }
}

const textOf = ({ atMs, sequence, index }: Place) => `${atMs} ${sequence} ${index}\n`
