import type { EraserSetup } from './eraser.ts'
import { advance, advanceWith, type Erasure, pendingErasures } from './erasures.ts'
import { isOfPeople } from './facts.ts'
import type { TenantEnd } from './given.ts'
import { namePrefixes } from './findable.ts'
import type { NamedPlace, Place } from './history.ts'
import { createRests } from './rounds.ts'
import { createKindTally } from './tally.ts'

/**
 * The end of a tenant: every key is destroyed, and the eraser replaces the half under which they came; then every event that
 * was before it leaves the history, which takes longer; then somebody looks whether a row or a key is left. What the core
 * held has left with the entry itself. `goesOn` false: whoever is asked to stop does so soon, and the next one goes on from
 * there.
 */
export async function endTenants(setup: EraserSetup, goesOn: () => boolean): Promise<void> {
  for (const erasure of pendingErasures(setup.erasures)) {
    if (erasure.end === undefined || isOver(erasure)) continue
    const keyless = erasure.keysGoneAt === null ? await endKeys(setup, erasure, goesOn) : erasure
    if (keyless === null) continue
    await dropRows(setup, keyless, goesOn)
    if (goesOn()) await lookAgain(setup, keyless, goesOn)
  }
}

const isOver = ({ keysGoneAt, rowsGoneAt }: Erasure) => keysGoneAt !== null && rowsGoneAt !== null

/** Destroys every key of a tenant that has ended. null: some are left, for the next round. */
async function endKeys(setup: EraserSetup, erasure: Erasure, goesOn: () => boolean): Promise<Erasure | null> {
  const { keys, store, erasures, clock, noteKeysGone } = setup
  const { tenant, request, atMs } = erasure
  await keys.noteErasure(tenant, request, [], atMs)
  await keys.destroyFacts(tenant, atMs, isOfPeople)
  await destroyKeys(setup, erasure, goesOn)
  if (!goesOn() || !isKeyless(setup, tenant)) return null
  const done = await advance(erasures, store, erasure, () => ({ keysGoneAt: clock() }))
  noteKeysGone(done, { keys: sumOf(endOf(done).deleted) })
  return done
}

/** A tenant that was configured anew has new keys by now, which are not looked at. */
function isKeyless({ keys, store }: EraserSetup, tenant: string): boolean {
  return sumOf(keysOf(keys, tenant)) === 0 || store.isKnown(tenant)
}

/**
 * Says how many keys went. That so many are there is on the disk before the first is destroyed: how many went is known to
 * the one alone that destroys them, and whoever comes after its death says what is certain.
 */
async function destroyKeys(setup: EraserSetup, erasure: Erasure, goesOn: () => boolean): Promise<number> {
  const { keys, store, erasures } = setup
  const { tenant } = erasure
  const found = endOf(erasure).keysFound ?? null
  const keysFound = found ?? keysOf(keys, tenant)
  await advance(erasures, store, erasure, now => ({ end: { ...endOf(now), keysFound } }))
  if (!(await store.isFlushed())) throw new Error('how many keys there are is not on the disk')
  const { subjectKeys, periodKeys } = await keys.destroyTenant(tenant, goesOn)
  const gone = { 'subject keys': subjectKeys, 'period keys': periodKeys }
  const more = found === null ? gone : atLeast(gone, found, keysOf(keys, tenant))
  await advance(erasures, store, erasure, now => {
    const { deleted, isAtLeast = false } = endOf(now)
    const sums = { deleted: added(deleted, more), isAtLeast: isAtLeast || found !== null }
    return { end: { ...endOf(now), ...sums, keysFound: null } }
  })
  return sumOf(more)
}

type Counts = Readonly<Record<string, number>>

/** Of those that were found before the death, and what went since. */
function atLeast(gone: Counts, found: Counts, left: Counts): Counts {
  const more = keyKinds.map(kind => {
    const since = (found[kind] ?? 0) - (left[kind] ?? 0)
    return [kind, Math.max(gone[kind] ?? 0, since)] as const
  })
  return Object.fromEntries(more)
}

function keysOf(keys: EraserSetup['keys'], tenant: string): Counts {
  const here = keys.inventory().tenants.get(tenant)
  return { 'subject keys': here?.subjectKeys ?? 0, 'period keys': here?.periodKeys ?? 0 }
}

const keyKinds = ['subject keys', 'period keys'] as const

/** Whether it is keys that are counted under this name. */
export function isOfKeys(what: string): boolean {
  return keyKinds.some(kind => kind === what)
}

/** Of keys alone. */
const sumOf = (counts: Counts) => keyKinds.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0)

async function dropRows(setup: EraserSetup, erasure: Erasure, goesOn: () => boolean): Promise<void> {
  // Names first: one that leads to nothing would be found by who comes after.
  await inPages<NamedPlace>(goesOn, after => dropNames(setup, erasure, after))
  await inPages<Place>(goesOn, after => dropEvents(setup, erasure, after))
  const { tenant, atMs } = erasure
  while (goesOn() && (await setup.store.removePoolMoments(tenant, atMs, removedAtOnce)) > 0);
}

async function inPages<Where>(
  goesOn: () => boolean,
  drop: (after: Where | null) => Promise<Where | null>,
): Promise<void> {
  const rest = createRests()
  for (let after: Where | null = null; goesOn(); ) {
    after = await drop(after)
    if (after === null) return
    await rest()
  }
}

/** About a millisecond of work: so long others wait at most. */
const removedAtOnce = 512

/** Of how many visits and calls there were names is on the disk with the commit that removes them. */
async function dropNames(
  { erasures, store }: EraserSetup,
  erasure: Erasure,
  after: NamedPlace | null,
): Promise<NamedPlace | null> {
  const { tenant, sequence: through } = erasure
  const counts = { sessions: 0, calls: 0 }
  const see = (name: string) => {
    if (name.startsWith(namePrefixes.session)) counts.sessions += 1
    if (name.startsWith(namePrefixes.call)) counts.calls += 1
  }
  return advanceWith(erasures, erasure, rowAfter =>
    store.removeNames({ tenant, through, after, most: removedAtOnce }, see, () =>
      rowAfter(now => deletedToo(now, counts)),
    ),
  )
}

/** The same of events. */
async function dropEvents(
  { erasures, store }: EraserSetup,
  erasure: Erasure,
  after: Place | null,
): Promise<Place | null> {
  const { tenant, sequence: through } = erasure
  const { take, counts } = createKindTally()
  return advanceWith(erasures, erasure, rowAfter =>
    store.removeHistory({ tenant, through, after, most: removedAtOnce }, take, () => {
      const { events, pageViews, engagements } = counts
      const more = { events, 'page views': pageViews, engagements }
      return rowAfter(now => ({ ...deletedToo(now, more), rows: now.rows + events }))
    }),
  )
}

function deletedToo(now: Erasure, more: Counts): Pick<Erasure, 'end'> {
  const end = endOf(now)
  return { end: { ...end, deleted: added(end.deleted, more) } }
}

/** What it finds is destroyed, and looked at again in the next round. */
async function lookAgain(setup: EraserSetup, erasure: Erasure, goesOn: () => boolean): Promise<void> {
  const { keys, store, erasures, clock, noteKeysGone } = setup
  const { tenant, sequence } = erasure
  // New keys of a tenant that was configured anew stay: the certificate has said that the old ones are gone.
  const more = store.isKnown(tenant) ? 0 : await destroyKeys(setup, erasure, goesOn)
  const [leftRows, leftKeys] = [store.rowsLeft(tenant, sequence), sumOf(keysOf(keys, tenant))]
  const isAllGone = leftRows === 0 && isKeyless(setup, tenant)
  const done = await advance(erasures, store, erasure, now => {
    const end = endOf(now)
    const looked = { ...end, deleted: { ...nothingDeleted, ...end.deleted }, leftRows, leftKeys }
    const keyTimes = more === 0 && isKeyless(setup, tenant) ? {} : lateKeys(setup, tenant)
    return { ...keyTimes, rowsGoneAt: isAllGone ? clock() : null, end: looked }
  })
  if (more > 0 && done.keysGoneAt !== null) noteKeysGone(done, { keys: more })
}

/** Keys that came meanwhile came under the half that was new then: it is replaced as well. */
function lateKeys(setup: EraserSetup, tenant: string): Partial<Erasure> {
  const keysGoneAt = isKeyless(setup, tenant) ? setup.clock() : null
  return { keysGoneAt, intakeRotatedAt: null, intakeGoneAt: null }
}

const nothingDeleted = { events: 0, sessions: 0, calls: 0, 'page views': 0, engagements: 0 } as const
const nothingYet: TenantEnd = { deleted: {}, returned: null, leftRows: null, leftKeys: null }
const endOf = ({ end }: Erasure): TenantEnd => end ?? nothingYet

function added(before: Counts, more: Counts): Counts {
  const sums = Object.entries(more).map(([what, count]) => [what, (before[what] ?? 0) + count] as const)
  return { ...before, ...Object.fromEntries(sums) }
}
