import { join } from 'node:path'
import type { Progress } from '../../workers/whatIf/progress.ts'
import { readStore } from '../../workers/whatIf/openStores.ts'
import { type Asked, readRecord } from '../../workers/whatIf/readRecord.ts'
import type { Recorded } from '../../workers/whatIf/record.ts'
import { partitions, tenant } from './folder.ts'

/** Says nothing. */
export const silent: Progress = { begin: () => undefined, at: () => undefined, end: () => undefined }

export const placesIn = (dataDir: string) => ({ dataDir, keyDir: join(dataDir, 'keys'), partitions })

/** What is on record in a data directory, all of it unless something else is asked. */
export function recordIn(dataDir: string, asked: Partial<Asked> = {}): Promise<Recorded> {
  const whole = { tenant, fromMs: null, toMs: null, leadMs: () => 0, ...asked }
  return readStore(placesIn(dataDir), whole.tenant, store => readRecord(store, whole, silent))
}
