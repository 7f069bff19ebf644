import { limits } from '../core/limits.ts'
import { streams, subjects } from '../core/wire/subjects.ts'
import { advance, type Erasure, type Erasures, pendingErasures } from './erasures.ts'
import { sayIntake } from './intake.ts'
import type { KeyStore } from './keys/keyStore.ts'
import { createNoting } from './noting.ts'
import { isRectifying, type Rectification, rectify } from './rectifications.ts'
import { createStoredUntil, type Partition } from './partition.ts'
import { removeBegunBefore } from './returnRemoval.ts'
import { repeat } from './rounds.ts'
import type { Store } from './store.ts'
import { endTenants } from './tenantEnd.ts'

/**
 * Carries erasures out, in the order in which nothing can come back: packages in the clear are removed, events leave the history, then every key of the
 * people is destroyed, then the half under which new keys travel is replaced, and when gateways use the new one the old
 * is destroyed too. Each step is on disk before the next begins, and is taken again after a crash. Of a tenant that has
 * ended the keys go first (`tenantEnd.ts`): its events are so many that they leave in minutes.
 */
export type EraserSetup = {
  readonly erasures: Erasures
  readonly store: Store
  readonly keys: KeyStore
  /** Tells gateways which half they wrap keys for from now on. */
  readonly announceIntake: () => void
  /** Says in the audit chain that keys were destroyed. */
  readonly noteKeysGone: (erasure: Erasure, counts: Readonly<Record<string, number>>) => void
  /** Takes away the return packages of a tenant that were begun before an entry of the log. */
  readonly removeReturns: (tenant: string, erasedAt: number) => Promise<void>
  /** Up to which moment by the clock all that the log had is in the store. */
  readonly storedUntil: () => Promise<number>
  readonly clock: () => number
}

const roundEveryMs = 500

/** Carries out what is asked of a partition, for as long as it lives. Resolves, when stopped, after the round under way. */
export function startErasing(partition: Partition, producer: string): () => Promise<void> {
  const note = createNoting(partition, producer)
  const { erasures, store, keys, counts, link, number } = partition
  const setup: EraserSetup = {
    erasures,
    store,
    keys,
    announceIntake: () => sayIntake(partition),
    noteKeysGone: ({ tenant, request, end }, kinds) =>
      note(tenant, {
        action: 'keys-destroyed',
        request,
        counts: kinds,
        detail: { because: end === undefined ? 'erasure' : 'tenant-ended' },
      }),
    removeReturns: (tenant, erasedAt) => removeBegunBefore(partition, tenant, erasedAt),
    storedUntil: createStoredUntil(
      partition,
      async () => Math.max(partition.held.upTo, await link.lastSequence(streams.log, subjects.log(number))),
      Date.now,
    ),
    clock: Date.now,
  }
  const rectified = ({ tenant, request, changed, oldIds }: Rectification) =>
    note(tenant, {
      action: 'keys-destroyed',
      request,
      counts: { changed, keys: oldIds.length },
      detail: { because: 'rectification' },
    })
  const failed = () => counts.add('ringtrail_rights_failed_total', [])
  const stopPeople = repeat(() => carryOut(setup), roundEveryMs, failed)
  // Beside them: what is held of a large tenant leaves in minutes, and nobody who is to be erased waits for that, or until
  // all events of somebody else are put right.
  let isStopped = false
  const goesOn = () => !isStopped
  const stopEnds = repeat(() => endTenants(setup, goesOn), roundEveryMs, failed)
  const replaceIntake = () => replaceHalf(setup)
  const ownNumber = (tenant: string) =>
    partition.state.tables.policies.get(tenant)?.policy.targets[0]?.replace ?? null
  const inTurn = partition.rewriting
  const work = { store, keys, replaceIntake, ownNumber, note: rectified, inTurn, goesOn }
  const stopRectifying = repeat(
    async () => {
      if (!isRectifying(partition.rectifications)) return
      await rectify(partition.rectifications, work, await setup.storedUntil())
    },
    roundEveryMs,
    failed,
  )
  return async () => {
    isStopped = true
    await Promise.all([stopPeople(), stopEnds(), stopRectifying()])
  }
}

/** One round. What fails is done again in the next. */
export async function carryOut(setup: EraserSetup): Promise<void> {
  // A gateway that did not hear of the new half would go on, and what it wraps could be opened by nobody.
  if (setup.keys.hasOldIntake()) setup.announceIntake()
  try {
    await removeReturns(setup)
  } finally {
    // A folder that lets go of nothing, or a log that is away, keeps no key alive.
    const open = pending(setup)
    if (open.length > 0) await carryOn(setup, open)
    await destroyHalves(setup)
  }
}

/** Before all else: they lie in the clear. */
async function removeReturns(setup: EraserSetup): Promise<void> {
  const { store, erasures, clock } = setup
  for (const erasure of pending(setup)) {
    if (erasure.returnsGoneAt !== null) continue
    await setup.removeReturns(erasure.tenant, erasure.sequence)
    await advance(erasures, store, erasure, () => ({ returnsGoneAt: clock() }))
  }
}

async function carryOn(setup: EraserSetup, open: readonly Erasure[]): Promise<void> {
  // Where consent is taken back all day, keys go together, once in a while: each time a half is replaced, of which every
  // gateway has to hear.
  const isWithdrawal = ({ because }: Erasure) => because === 'withdrawal'
  const isReplacing = open.some(one => isWithdrawal(one) && one.intakeRotatedAt !== null)
  const mayWait = (one: Erasure) => isReplacing && isWithdrawal(one)
  await removeRows(setup, open)
  await destroyKeys(
    setup,
    pending(setup).filter(
      one => one.end === undefined && one.rowsGoneAt !== null && one.keysGoneAt === null && !mayWait(one),
    ),
  )
  await rotate(
    setup,
    pending(setup).filter(one => one.keysGoneAt !== null && one.intakeRotatedAt === null),
  )
}

const pending = ({ erasures }: EraserSetup) => pendingErasures(erasures)

async function removeRows(setup: EraserSetup, open: readonly Erasure[]): Promise<void> {
  const { store, erasures, clock } = setup
  for (const erasure of open) {
    if (erasure.rowsGoneAt !== null || erasure.end !== undefined) continue
    let rows = erasure.rows
    for (const name of erasure.names) rows += await removeAll(store, erasure.tenant, name)
    await advance(erasures, store, erasure, () => ({ rows, rowsGoneAt: clock() }))
  }
}

async function removeAll(store: Store, tenant: string, name: string): Promise<number> {
  let sum = 0
  for (;;) {
    const removed = await store.removeFound(tenant, name, limits.forgetPerPulseMax)
    sum += removed
    if (removed < limits.forgetPerPulseMax) return sum
  }
}

/** All that are due go together: each block of keys that they touch is written anew once. */
async function destroyKeys(setup: EraserSetup, due: readonly Erasure[]): Promise<void> {
  const { keys, store, erasures, clock, noteKeysGone } = setup
  if (due.length === 0) return
  for (const { tenant, request, names, atMs } of due) await keys.noteErasure(tenant, request, names, atMs)
  const keyIds = due.map(({ tenant, names }) =>
    names.flatMap(name => keys.idsOf(tenant, name)).map(id => Buffer.from(id).toString('hex')),
  )
  await keys.eraseSubjects(due)
  const keysGoneAt = clock()
  for (const [place, erasure] of due.entries()) {
    const gone = [...erasure.keyIds, ...(keyIds[place] ?? [])]
    const done = await advance(erasures, store, erasure, () => ({ keysGoneAt, keyIds: gone }))
    noteKeysGone(done, { rows: done.rows, keys: gone.length })
  }
}

async function rotate(setup: EraserSetup, due: readonly Erasure[]): Promise<void> {
  const { store, erasures, clock } = setup
  if (due.length === 0) return
  await replaceHalf(setup)
  const intakeRotatedAt = clock()
  for (const erasure of due) {
    // Of a tenant that has ended more keys may have been found meanwhile: those may have come after the half was replaced.
    const isSame = ({ keysGoneAt }: Erasure) => keysGoneAt === erasure.keysGoneAt
    await advance(erasures, store, erasure, now => (isSame(now) ? { intakeRotatedAt } : {}))
  }
}

/** The half that was in use is destroyed by a round of `carryOut` in a while. */
async function replaceHalf({ keys, clock, announceIntake }: EraserSetup): Promise<void> {
  await keys.rotateIntake(clock())
  announceIntake()
}

/**
 * Gateways have heard of the new half by then, and what they wrapped for the old one has come, or never will: all that the
 * log had is in the store.
 */
async function destroyHalves(setup: EraserSetup): Promise<void> {
  const { keys, store, erasures, clock, storedUntil } = setup
  if (!keys.hasOldIntake() && pending(setup).length === 0) return
  const replacedUntil = (await storedUntil()) - limits.intakeGraceMs
  await keys.destroyOldIntake(replacedUntil)
  const intakeGoneAt = clock()
  for (const erasure of pending(setup)) {
    const { intakeRotatedAt, returnsGoneAt } = erasure
    if (returnsGoneAt === null) continue
    if (intakeRotatedAt === null || intakeRotatedAt > replacedUntil || erasure.intakeGoneAt !== null) continue
    const isSame = (now: Erasure) => now.intakeRotatedAt === intakeRotatedAt
    await advance(erasures, store, erasure, now => (isSame(now) ? { names: [], intakeGoneAt } : {}))
  }
}
