import type { EraserSetup } from './eraser.ts'
import { advance, type Erasure, pendingErasures, type TenantEnd } from './erasures.ts'
import { namePrefixes } from './findable.ts'
import type { NamedPlace, Place } from './history.ts'
import type { KeyStore } from './keys/keyStore.ts'
import type { Store } from './store.ts'
import { createRests } from './rounds.ts'
import { createKindTally } from './tally.ts'

/**
 * The end of a tenant: every event that was before it leaves the history, then every key is destroyed, then somebody looks
 * whether anything is left. What the core held has left with the entry itself. `goesOn` false: whoever is asked to stop
 * does so soon, and the next one goes on from there.
 */
export async function endTenants(setup: EraserSetup, goesOn: () => boolean): Promise<void> {
  for (const erasure of pendingErasures(setup.erasures)) {
    if (erasure.end === undefined || erasure.keysGoneAt !== null) continue
    const dropped = erasure.rowsGoneAt === null ? await dropRows(setup, erasure, goesOn) : erasure
    if (goesOn()) await endKeys(setup, dropped, goesOn)
  }
}

async function dropRows(
  { store, erasures, clock }: EraserSetup,
  erasure: Erasure,
  goesOn: () => boolean,
): Promise<Erasure> {
  const deleted = await dropTenant(store, erasure, goesOn)
  const dropped = { ...deleted, rowsGoneAt: goesOn() ? clock() : null }
  await advance(erasures, store, dropped)
  return dropped
}

/** Every key of a tenant that has ended. What it finds afterwards is looked at again in the next round. */
async function endKeys(setup: EraserSetup, erasure: Erasure, goesOn: () => boolean): Promise<void> {
  const { keys, store, erasures, clock, noteKeysGone } = setup
  await keys.noteErasure(erasure.tenant, erasure.request, [], erasure.atMs)
  const ended = await destroyTenantKeys(keys, store, erasure, goesOn)
  // A tenant that was configured anew has new keys by now, which are not looked at.
  const noKeys = ended.end?.leftKeys === 0 || store.isKnown(erasure.tenant)
  const isAllGone = ended.end?.leftRows === 0 && noKeys
  const done = isAllGone ? { ...ended, keysGoneAt: clock() } : { ...ended, rowsGoneAt: null }
  await advance(erasures, store, done)
  if (isAllGone) noteKeysGone(done)
}

async function dropTenant(
  store: Pick<Store, 'removeHistory' | 'removeNames'>,
  erasure: Erasure,
  goesOn: () => boolean,
): Promise<Erasure> {
  const { tenant, sequence, end } = erasure
  // Names first: one that leads to nothing would be found by who comes after.
  const { sessions, calls } = await dropNames(store, erasure, goesOn)
  const { take, counts } = createKindTally()
  const rest = createRests()
  for (let after: Place | null = null; goesOn(); ) {
    after = await store.removeHistory(tenant, sequence, after, removedAtOnce, take)
    if (after === null) break
    await rest()
  }
  const { events, pageViews, engagements } = counts
  const found = { events, sessions, calls, 'page views': pageViews, engagements }
  const deleted = added(end?.deleted ?? {}, found)
  return { ...erasure, rows: erasure.rows + events, end: { ...nothingYet, ...end, deleted } }
}

/** Says of how many visits and calls there were names: those of one stand together. */
async function dropNames(
  store: Pick<Store, 'removeNames'>,
  { tenant, sequence }: Erasure,
  goesOn: () => boolean,
): Promise<{ sessions: number; calls: number }> {
  const counts = { sessions: 0, calls: 0 }
  let last = ''
  const rest = createRests()
  const see = (name: string) => {
    if (name !== last && name.startsWith(namePrefixes.session)) counts.sessions += 1
    if (name !== last && name.startsWith(namePrefixes.call)) counts.calls += 1
    last = name
  }
  for (let after: NamedPlace | null = null; goesOn(); ) {
    after = await store.removeNames(tenant, sequence, after, removedAtOnce, see)
    if (after === null) break
    await rest()
  }
  return counts
}

/** About a millisecond of work: so long others wait at most. */
const removedAtOnce = 512

async function destroyTenantKeys(
  keys: Pick<KeyStore, 'destroyTenant' | 'inventory'>,
  store: Pick<Store, 'rowsLeft'>,
  erasure: Erasure,
  goesOn: () => boolean,
): Promise<Erasure> {
  const { tenant, sequence, end } = erasure
  const { subjectKeys, periodKeys } = await keys.destroyTenant(tenant, goesOn)
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
