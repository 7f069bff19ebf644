import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { partitionOfTenant } from '../../config/partitions.ts'
import { loaded } from '../../config/testConfig.ts'
import { createTenants, type Tenant } from '../../gateway/tenants.ts'
import { openStore } from '../../workers/store.ts'
import { benchTenant, settingsOf } from '../system.ts'
import { type LifeSetup, type Lived, recordLife } from './recordLife.ts'

/** A folder with a configuration, and a data directory that holds what one tenant has on record. */
export type RecordFolder = {
  readonly config: string
  readonly dataDir: string
  readonly tenant: Tenant
  readonly lived: Lived
}

export const tenant = 'acme'
export const site = 'pk_acme'
export const partitions = 4

const times = { idleTimeout: '5m', tail: '20m', coolDown: '10m', sticky: '24h', overflow: 'share' }

/** The same configuration with another pool, for `replay`. */
export function putConfig(folder: string, name: string, pool: object): string {
  const path = join(folder, name)
  const settings = settingsOf([benchTenant(tenant, site, { ...times, ...pool })], { partitions })
  writeFileSync(path, `${JSON.stringify({ ...settings, dataDir: join(folder, 'data') }, null, 2)}\n`)
  return path
}

export async function makeRecord(
  folder: string,
  pool: object,
  { fromMs, live }: Pick<LifeSetup, 'fromMs' | 'live'>,
): Promise<RecordFolder> {
  mkdirSync(folder, { recursive: true })
  const dataDir = join(folder, 'data')
  const config = putConfig(folder, 'ringtrail.yaml', pool)
  const one = createTenants(loaded(readFileSync(config, 'utf8'))).all[0] as Tenant
  const store = openStore(dataDir, partitionOfTenant(tenant, 0, partitions))
  const { policy, version } = one
  const lived = await recordLife({ store, policy, version, fromMs, live })
  await store.close()
  return { config, dataDir, tenant: one, lived }
}
