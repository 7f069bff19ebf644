import { limits } from '../core/limits.ts'
import { createTally } from './breachCount.ts'
import type { Erasure, TenantEnd } from './erasures.ts'
import type { HistoryRow } from './history.ts'
import type { KeyStore } from './keys/keyStore.ts'
import type { Store } from './store.ts'

/**
 * The end of a tenant, as the eraser carries it out: every event that was before it leaves the history, then every key is
 * destroyed, then somebody looks whether anything is left. What the core held has left with the entry itself.
 */
export async function dropTenant(store: Pick<Store, 'removeHistory'>, erasure: Erasure): Promise<Erasure> {
  const { tenant, sequence, end } = erasure
  const tally = createTally()
  let after: HistoryRow | null = null
  do {
    const page: Awaited<ReturnType<Store['removeHistory']>> = await store.removeHistory(
      ...([tenant, sequence, after, limits.forgetPerPulseMax] as const),
    )
    for (const row of page.removed) tally.take(row)
    after = page.last
  } while (after !== null)
  const { rows, records } = tally.counts()
  const found = { events: rows, sessions: records.session.count, calls: records.call.count }
  const deleted = added(end?.deleted ?? {}, {
    ...found,
    ...{ 'page views': records['page-view'].count, engagements: records.engagement.count },
  })
  return { ...erasure, rows: erasure.rows + rows, end: { ...nothingYet, ...end, deleted } }
}

export async function destroyTenantKeys(
  keys: Pick<KeyStore, 'destroyTenant' | 'inventory'>,
  store: Pick<Store, 'rowsLeft'>,
  erasure: Erasure,
): Promise<Erasure> {
  const { tenant, sequence, end } = erasure
  const { subjectKeys, periodKeys } = await keys.destroyTenant(tenant)
  const left = keys.inventory().tenants.get(tenant)
  const deleted = added(end?.deleted ?? {}, { 'subject keys': subjectKeys, 'period keys': periodKeys })
  const leftKeys = (left?.subjectKeys ?? 0) + (left?.periodKeys ?? 0)
  const leftRows = store.rowsLeft(tenant, sequence)
  return { ...erasure, end: { ...nothingYet, ...end, deleted, leftKeys, leftRows } }
}

const nothingYet: TenantEnd = { deleted: {}, returned: null, leftRows: null, leftKeys: null }

/** For the audit record of it. */
export function keysOfEnd({ deleted }: TenantEnd): { keys: number } {
  return { keys: (deleted['subject keys'] ?? 0) + (deleted['period keys'] ?? 0) }
}

function added(
  before: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): Record<string, number> {
  const sums = Object.entries(more).map(([what, count]) => [what, (before[what] ?? 0) + count] as const)
  return { ...before, ...Object.fromEntries(sums) }
}
