import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from '../config/logger.ts'
import type { Follower, Link } from '../config/nats.ts'
import type { ChainEnd } from '../config/auditChain.ts'
import { NotPacked, unpack } from '../config/pack.ts'
import { Refused } from '../config/refused.ts'
import type { Signer } from '../config/signing.ts'
import { type TableName, createState, restoreState } from '../core/state.ts'
import { streams, subjects } from '../core/wire/subjects.ts'
import { loadAccess } from './accessRows.ts'
import { loadAudit } from './auditRows.ts'
import { loadBreaches } from './breachRows.ts'
import { startSeeingBytesGo } from './bytesGone.ts'
import { createCommitter } from './commit.ts'
import { answerControl } from './control.ts'
import type { Counts } from './counts.ts'
import { startErasing } from './eraser.ts'
import { refuseTooOld, startForgetting } from './forgetting.ts'
import { loadErasures } from './erasures.ts'
import { loadFacts } from './facts.ts'
import { packGiven, unpackGiven } from './given.ts'
import { emptyGroup } from './group.ts'
import { applyHeld, startHolding } from './held.ts'
import { startSayingIntake } from './intake.ts'
import { hasKeyStore, type KeyStore, openKeyStore } from './keys/keyStore.ts'
import { keysTrouble, refuseKeys } from './keysKnown.ts'
import { startSayingKeysLost } from './keysLost.ts'
import { checkLog, createLogWatch } from './logCheck.ts'
import { hasRoom, orStop, type Partition, turn } from './partition.ts'
import { startPoolMoments } from './poolRounds.ts'
import { createPulse } from './pulse.ts'
import { loadRectifications } from './rectifications.ts'
import type { SendReply } from './replies.ts'
import { startRepeating } from './owed.ts'
import { findPutBack } from './restored.ts'
import { startSeeing } from './seeing.ts'
import { startRetention } from './retention.ts'
import { returnsFolder } from './returnFolder.ts'
import { createReturnsBegun } from './returnRemoval.ts'
import { oneAfterAnother } from './rounds.ts'
import { type Position, type Store, openStore } from './store.ts'

export type Opening = {
  readonly number: number
  readonly link: Link
  readonly reply: SendReply
  readonly counts: Counts
  readonly logger: Logger
  readonly dataDir: string
  readonly keyDir: string
  /** Wraps all that is kept in the key store. */
  readonly rootKey: Buffer
  /** Signs heads of audit chains and receipts. */
  readonly signer: Signer
  readonly producer: string
  /** How old a store may be that is put back. */
  readonly backupsKeptMs: number
}

export type Owned = {
  readonly partition: Partition
  readonly follower: Follower
  pulse(): void
  /** Commits what was applied so far, soon. */
  commit(): void
  /** Stops the partition where the log is no longer the one that it applied. */
  checkLog(): Promise<void>
  close(): Promise<void>
}

/** Opens a partition's store, restores its state, and follows the log from the committed position on. */
export async function openPartition(opening: Opening): Promise<Owned> {
  const partition = await openStores(opening)
  const { store, keys } = partition
  await checkLog(partition)
  await noticePutBack(partition)
  const committer = createCommitter(partition)
  let isLeaving = false
  const follower = opening.link.follow({
    stream: streams.log,
    subject: subjects.log(opening.number),
    from: Math.max(partition.committed, partition.held.upTo) + 1,
    take: record => {
      orStop(partition, () => turn(partition, record))
      committer.begin()
    },
    ready: () => hasRoom(partition),
    begin: async () => {
      await checkLog(partition)
      await applyHeld(partition, { commit: committer.begin, isLeaving: () => isLeaving })
      return partition.stopped === null && !isLeaving
    },
    trouble: () => opening.counts.add('ringtrail_log_follow_troubles_total', []),
  })
  const control = answerControl(partition)
  const stopRounds = startRounds(partition, opening)
  const stopSaying = startSayingIntake(partition)
  return {
    partition,
    follower: {
      stop: () => {
        isLeaving = true
        return follower.stop()
      },
    },
    pulse: createPulse(partition, opening.producer, Date.now),
    commit: committer.begin,
    checkLog: createLogWatch(partition),
    close: async () => {
      control.stop()
      await stopRounds()
      stopSaying()
      await committer.close()
      await store.close()
      await keys.close()
    },
  }
}

/** Its stores, and its state as they say it was. */
async function openStores(opening: Opening): Promise<Partition> {
  const store = openStore(opening.dataDir, opening.number)
  const keys = await openKeys(opening, store).catch(async error => {
    await store.close()
    throw error
  })
  const { createdAt } = await opening.link.streamState(streams.log)
  const openedAt = await opening.link.lastSequence(streams.log, subjects.log(opening.number))
  return orClose({ store, keys }, () => {
    const position = orDamaged(opening, store.position)
    const restored = () => restore(opening, { store, keys }, position, createdAt, openedAt)
    const partition = orDamaged(opening, restored)
    if (position !== null) refuseTooOld(partition)
    return partition
  })
}

/** Data that was put back is owed to be said so; chains that the key store does not know yet, it sees. */
async function noticePutBack(partition: Partition): Promise<void> {
  const { store, keys, stopped, number, logger, counts, restored } = partition
  if (stopped !== null) return
  const position = store.position()
  if (await findPutBack(partition, position)) {
    logger.warn({ partition: number }, 'restored')
    counts.add('ringtrail_restored_total', [])
  }
  for (const end of keys.seenEnds()) if (end.restored !== undefined) restored.set(end.tenant, end)
  if (position !== null) seeFirst({ store, keys }, position)
}

/** What an owner does again and again by itself. Resolves, when stopped, after what is under way. */
function startRounds(
  partition: Partition,
  { producer, dataDir, backupsKeptMs }: Opening,
): () => Promise<void> {
  const stops = [
    startRetention(partition, producer),
    startErasing(partition, producer),
    startSeeingBytesGo(partition, producer, dataDir),
    startRepeating(partition, producer),
    startForgetting(partition, backupsKeptMs),
    startSeeing(partition),
    startSayingKeysLost(partition, producer),
    startHolding(partition, dataDir),
    startPoolMoments(partition),
  ]
  return async () => {
    for (const stop of stops) await stop()
  }
}

/** A store that is refused is not left open: whoever tries again opens it anew. */
async function orClose<Opened>(
  { store, keys }: Pick<Partition, 'store' | 'keys'>,
  open: () => Opened,
): Promise<Opened> {
  try {
    return open()
  } catch (error) {
    await store.close()
    await keys.close()
    throw error
  }
}

/** A store whose rows cannot be read ends the start with a sentence. */
function orDamaged<Read>({ dataDir, number }: Opening, read: () => Read): Read {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof NotPacked)) throw error
    throw new Refused(
      `The store of partition ${number} under ${dataDir} is damaged: a row of it cannot be read. Put a copy of its folder in its place, or begin anew.`,
    )
  }
}

async function openKeys(opening: Opening, store: Store): Promise<KeyStore> {
  const { keyDir, number, rootKey, logger } = opening
  const directory = join(keyDir, String(number).padStart(3, '0'))
  // Before one is made where there is none.
  const isThere = hasKeyStore(directory)
  if (!isThere) await meetKeys(store, null, directory)
  const keysLost = (count: number) => logger.error({ partition: number, keys: count }, 'keys_lost')
  const keys = await openKeyStore({ directory, rootKey, keysLost })
  try {
    if (isThere) await meetKeys(store, keys, directory)
  } catch (error) {
    await keys.close()
    throw error
  }
  if (keys.lost > 0) keysLost(keys.lost)
  return keys
}

/** Whether the keys are those of the data. Where they are not, and somebody said that those are lost, the chains have to say so. */
async function meetKeys(store: Store, keys: KeyStore | null, directory: string): Promise<void> {
  const [trouble, lost] = [keysTrouble(store.keysKnown(), keys), store.keysLost()]
  if (trouble !== null && lost === null) return refuseKeys(trouble, directory)
  if (lost === null || lost.what !== undefined) return
  if (trouble === null) await store.forgetKeysLost()
  else await store.sayKeysLost({ ...lost, what: trouble })
}

/** A partition as its stores say it was, at the position that was committed last. */
export function restore(
  opening: Pick<Opening, 'number' | 'dataDir' | 'link' | 'reply' | 'counts' | 'logger' | 'signer'>,
  { store, keys }: { readonly store: Store; readonly keys: KeyStore },
  position: Position | null,
  createdAt: string,
  openedAt: number,
): Partition {
  const rows = store.rows() as Iterable<{ table: TableName; key: string; value: unknown }>
  const sequence = position?.sequence ?? 0
  const held = store.held()
  const state = position === null ? createState() : restoreState(rows)
  return {
    number: opening.number,
    state,
    store,
    keys,
    access: loadAccess(store),
    erasures: loadErasures(store, rememberedIn(keys), ({ tenant, request }, given) =>
      keys.keepGiven(tenant, request, packGiven(given)),
    ),
    facts: loadFacts(store.keysKnown(), keys),
    restored: new Map(),
    rectifications: loadRectifications(store),
    audit: loadAudit(store, opening.signer),
    breaches: loadBreaches(store),
    returnsDir: returnsFolder(opening.dataDir),
    returnsBegun: createReturnsBegun(),
    rewriting: oneAfterAnother(),
    retentionDueAt: null,
    owner: randomBytes(8).toString('hex'),
    link: opening.link,
    reply: opening.reply,
    counts: opening.counts,
    logger: opening.logger,
    group: emptyGroup(sequence),
    applied: sequence,
    committed: sequence,
    storedUntilMs: state.now,
    mark: position?.mark ?? null,
    stopped: null,
    held,
    failedCommits: 0,
    logCreatedAt: position?.log ?? createdAt,
    openedAt: Math.max(openedAt, held.upTo),
  }
}

const rememberedIn = (keys: KeyStore) =>
  keys.erasuresSince().map(({ given, ...one }) => ({ ...one, ...(given && { given: unpackGiven(given) }) }))

/** Chains of a version that did not tell the key store of them. */
function seeFirst({ store, keys }: Pick<Partition, 'store' | 'keys'>, position: Position): void {
  const seen = new Set(keys.seenEnds().map(({ tenant }) => tenant))
  const ends = [...store.auditEnds()].map(({ bytes }) => unpack(bytes) as ChainEnd)
  const unseen = ends.filter(({ tenant }) => !seen.has(tenant))
  if (unseen.length > 0) keys.see(position, unseen)
}
