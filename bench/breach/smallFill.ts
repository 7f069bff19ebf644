import { join } from 'node:path'
import type { HistoryRow } from '../../workers/history.ts'
import { type KeyStore, openKeyStore } from '../../workers/keys/keyStore.ts'
import { makeGateway, rootKey, subjects } from '../../workers/keys/testKeys.ts'
import { openStore, type Store } from '../../workers/store.ts'
import { unsealed } from './events.ts'
import { eventsPerMessage, type Seed, seededFacts } from './seeded.ts'

const messagesPerCommit = 8

/** Puts seeded events into a store by its own commits. */
export async function fillStore(store: Store, seed: Seed): Promise<void> {
  let history: HistoryRow[] = []
  let expected = 0
  const commit = async () => {
    const sequence = history.at(-1)?.sequence ?? expected
    const position = { sequence, rules: 1, log: 'seeded', mark: null }
    const nothing = { rows: [], access: [], erasures: [], breaches: [], audit: [], rectifications: [] }
    await store.commit({ ...nothing, history, position, expected })
    expected = sequence
    history = []
  }
  for (const made of seededFacts(seed)) {
    const { tenant, atMs, sequence, index } = made
    history.push({ tenant, atMs, sequence, index, event: unsealed(made) })
    if (history.length >= messagesPerCommit * eventsPerMessage) await commit()
  }
  if (history.length > 0) await commit()
}

/** A store with seeded events, and a key store with keys of so many people of each of the three tenants. */
export async function openFilled(
  path: string,
  seed: Seed,
  keysEach: number,
): Promise<{ store: Store; keys: KeyStore }> {
  const store = openStore(path, 0)
  await fillStore(store, seed)
  const keys = await openKeyStore({ directory: join(path, 'keys'), rootKey })
  const wrapFor = makeGateway(keys.intake())
  for (const tenant of ['acme', 'other', 'third']) {
    const periods = { tenant, name: 'retention', of: 'period', lastsMs: 60_000 } as const
    await keys.take([...subjects(tenant, 0, keysEach), periods].map(wrapFor))
  }
  return { store, keys }
}
