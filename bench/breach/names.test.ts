import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openEnvironment } from '../../config/lmdb.ts'
import type { HistoryKey, NamedPlace } from '../../workers/history.ts'
import { openStore, type Store } from '../../workers/store.ts'
import { temporaryFolder } from '../system.ts'
import { createNameList } from './names.ts'
import { seededFacts, seededTenants, type SeededTenant } from './seeded.ts'
import { fillStore } from './smallFill.ts'

const seed = { rows: 5_000, fromMs: Date.UTC(2026, 8, 1) }
const folders = [temporaryFolder(), temporaryFolder()] as const
afterAll(() => {
  for (const folder of folders) folder.remove()
})

const namesIn = (store: Store, tenant: SeededTenant) => store.named(tenant, '', null, 10 * seed.rows)

test('names that are put in their own order are those that a store keeps by itself', async () => {
  const [slow, fast] = folders
  const kept = openStore(slow.path, 0)
  await fillStore(kept, seed)
  const names = createNameList(seed)
  for (const made of seededFacts(seed)) names.add(made)
  const root = openEnvironment<HistoryKey>(join(fast.path, 'partitions', '000'))
  await names.put(root, () => undefined)
  await root.close()
  const store = openStore(fast.path, 0)
  for (const tenant of seededTenants) {
    const real: NamedPlace[] = namesIn(kept, tenant)
    expect(real.length).toBeGreaterThan(500)
    expect(namesIn(store, tenant)).toEqual(real)
  }
  await store.close()
  await kept.close()
})
