import { hkdfSync } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { secretKey } from '../../config/keyWrap.ts'
import { type Environment, NotWritten, openEnvironment, transact } from '../../config/lmdb.ts'
import { pack, unpack } from '../../config/pack.ts'
import { Refused } from '../../config/refused.ts'
import { type BlockEnd, blockEnds, destroyAged } from './aging.ts'
import { type ErasureRequests, eraseSubjects } from './erase.ts'
import { forgetErasures, forgottenMs, keepGiven, noteErasure, notedErasures } from './erasureList.ts'
import { destroyFacts, type Fact, factsAfter, noteFacts } from './factList.ts'
import { type Ground, type Key, load, settle } from './ground.ts'
import { destroyOldIntake, intakeInUse, rotateIntake } from './intake.ts'
import { migrateRows } from './migrate.ts'
import {
  destroyPeriods,
  destroyPeriodsOf,
  firstPeriods,
  makePeriods,
  type PeriodEnd,
  periodKey,
  periodsNamed,
  renamePeriods,
} from './periods.ts'
import { nothingSeen } from './seen.ts'
import { seenRows } from './seenRows.ts'
import { idsOf, subjectKey } from './subjects.ts'
import { type ArrivingKey, take } from './take.ts'
import { destroyTenant, inventory } from './tenants.ts'
import { openVault, type Vault } from './vault.ts'

/**
 * The keys of a partition, apart from the data they open: an LMDB environment of wrapped keys and, beside it, the vault
 * with the few that everything hangs on. One process has it open at a time. What destroys keys resolves when they are
 * overwritten, flushed and read back; whatever rejects left the old state or the new one, and the next call or the next
 * opening completes a destruction that was under way.
 */

/** The format of everything below; a newer one is refused, an older one brought to this. */
const keyStoreFormat = 2

export type KeyStore = Awaited<ReturnType<typeof openKeyStore>>

type Opening = {
  readonly directory: string
  readonly rootKey: Buffer
  /** Told of keys that did not open, and so went with those beside them that were destroyed. */
  readonly keysLost?: (count: number) => void
}

/** Whether there is one already. */
export const hasKeyStore = (directory: string) => existsSync(join(directory, 'vault'))

/** Opens, or makes, the key store of one partition. Throws a sentence where it cannot be trusted to be whole. */
export async function openKeyStore({ directory, rootKey, keysLost = () => undefined }: Opening) {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  const { ground, lost } = await openGround(directory, rootKey)
  const inTurn = oneAfterAnother(ground)
  return {
    /** Keys of subjects that did not open when an older format was brought to this one, just now. */
    lost,
    /** What gateways wrap new keys for. */
    intake: () => intakeInUse(ground),
    /** Whether one that was replaced still opens what was wrapped for it. */
    hasOldIntake: () => ground.intakes.size > 1,
    take: (keys: readonly ArrivingKey[]) => inTurn(() => take(ground, keys)),
    subjectKey: (id: Uint8Array) => subjectKey(ground, id),
    /** While no change is under way: where it is null here, the key is gone for good. */
    subjectKeyInTurn: (id: Uint8Array) => inTurn(async () => subjectKey(ground, id)),
    periodKey: (id: Uint8Array) => periodKey(ground, id),
    idsOf: (tenant: string, name: string) => idsOf(ground, tenant, name),
    eraseSubjects: (requests: ErasureRequests) => eraseSubjects(ground, inTurn, requests, keysLost),
    rotateIntake: (nowMs: number) => inTurn(() => rotateIntake(ground, nowMs)),
    destroyOldIntake: (replacedUntilMs: number) => inTurn(() => destroyOldIntake(ground, replacedUntilMs)),
    destroyPeriods: (isOver: (period: PeriodEnd) => boolean) => inTurn(() => destroyPeriods(ground, isOver)),
    destroyPeriodsOf: (ids: readonly Uint8Array[]) => inTurn(() => destroyPeriodsOf(ground, ids)),
    makePeriods: (wanted: readonly PeriodEnd[]) => inTurn(() => makePeriods(ground, wanted)),
    renamePeriods: (ids: readonly Uint8Array[], name: string) =>
      inTurn(() => renamePeriods(ground, ids, name)),
    periodsNamed: (tenant: string, name: string) => periodsNamed(ground, tenant, name),
    destroyAged: (isOver: (block: BlockEnd) => boolean) => inTurn(() => destroyAged(ground, isOver)),
    /** In memory, as the periods are. */
    nextBlocks: (): readonly BlockEnd[] => blockEnds(ground),
    /** In memory: of each tenant and name the one that ends first. */
    nextPeriods: (): readonly PeriodEnd[] => firstPeriods(ground),
    destroyTenant: (tenant: string, goesOn?: () => boolean) => destroyTenant(ground, inTurn, tenant, goesOn),
    inventory: () => inventory(ground),
    noteErasure: (tenant: string, request: string, names: readonly string[], atMs: number) =>
      inTurn(() => noteErasure(ground, { tenant, request, names, atMs })),
    erasuresSince: () => notedErasures(ground),
    /** What the receipt of an erasure says by now. */
    keepGiven: (tenant: string, request: string, bytes: Buffer) =>
      inTurn(() => keepGiven(ground, { tenant, request }, bytes)),
    /** What has to hold whatever data is put back; with it what was seen is on the disk. */
    noteFacts: (facts: readonly Fact[]) => inTurn(() => noteFacts(ground, facts)),
    factsAfter: (change: number) => factsAfter(ground, change),
    destroyFacts: (tenant: string, endedAtMs: number, isOfPeople: (id: string) => boolean) =>
      inTurn(() => destroyFacts(ground, tenant, endedAtMs, isOfPeople)),
    /** Names this key store among all others. */
    identity: ground.vault.identity,
    /** How often it was changed; an older copy of it was fewer times. */
    changes: () => ground.seen.kept,
    ...seenRows(ground, inTurn),
    forgetErasures: (beforeMs: number, most: number) => inTurn(() => forgetErasures(ground, beforeMs, most)),
    forgottenMs: () => forgottenMs(ground),
    /** Writes the rows anew, so that no byte is left of those that were removed; changes go on meanwhile. */
    compact: () => ground.root.compact(),
    madeAt: () => ground.root.madeAt(),
    close: () => inTurn(() => close(ground), { evenUnsettled: true }),
  }
}

async function openGround(directory: string, rootKey: Buffer): Promise<{ ground: Ground; lost: number }> {
  const derived = (use: string) => Buffer.from(hkdfSync('sha256', rootKey, '', `ringtrail ${use} v1`, 32))
  const [vaultFile, rows] = [join(directory, 'vault'), join(directory, 'keys')]
  if (existsSync(rows) && !existsSync(vaultFile)) throw new Refused(`The vault ${vaultFile} is missing.`)
  const vault = openVault(vaultFile, secretKey(derived('vault')))
  const root = openEnvironment<Key>(rows)
  const ground: Ground = {
    ...{ directory, root, vault, hashKey: derived('key names'), lastBlock: 0, lastMs: 0, gone: 0 },
    lookedAt: null,
    seen: nothingSeen(),
    ...{ blocks: new Map(), open: new Map(), periods: new Map(), byEnd: null },
    ...{ intakes: new Map(), agreed: new Map() },
  }
  try {
    const format = await checkMeta(directory, root, vault)
    const lost = format < keyStoreFormat ? await bringOver(ground, format) : 0
    await settle(ground)
    if (ground.intakes.size === 0) await rotateIntake(ground, Date.now())
    return { ground, lost }
  } catch (error) {
    await close(ground)
    throw error
  }
}

/** What was cut short goes on when it is opened again. Older versions refuse it from the first step on: they would misread it. */
async function bringOver(ground: Ground, from: number): Promise<number> {
  const { directory, root, vault } = ground
  try {
    await putMeta(root, vault, { from })
    const lost = await migrateRows(ground)
    await putMeta(root, vault)
    return lost
  } catch (cause) {
    if (!(cause instanceof NotWritten)) throw cause
    throw new Error(
      `The key store in ${directory} could not be brought to format ${keyStoreFormat}: the disk did not take it. Nothing of it is lost. Make room, and start again.`,
      { cause },
    )
  }
}

/** `from`: rows of that format may be left. */
type Meta = { readonly format: number; readonly vault: string; readonly from?: number }

/** Says the format that all rows have at least. Rows and vault belong together: with another vault beside them, the rows' keys would be lost without a word. */
async function checkMeta(directory: string, root: Environment<Key>, vault: Vault): Promise<number> {
  const written = root.get(['meta', 'store'])
  if (written === undefined) {
    if (vault.settle(new Set()).length > 0)
      throw new Refused(`The vault in ${directory} holds keys, but the rows that name them are missing.`)
    await putMeta(root, vault)
    return keyStoreFormat
  }
  const meta = unpack(written) as Meta
  if (meta.format > keyStoreFormat)
    throw new Refused(
      `The key store in ${directory} has format ${meta.format}; this version of Ringtrail reads up to ${keyStoreFormat}. Start the newer version.`,
    )
  if (meta.vault !== vault.identity)
    throw new Refused(`The vault in ${directory} is not the one that the key store there was made with.`)
  return meta.from ?? meta.format
}

async function putMeta(
  root: Environment<Key>,
  vault: Vault,
  unfinished: Pick<Meta, 'from'> = {},
): Promise<void> {
  const meta: Meta = { format: keyStoreFormat, vault: vault.identity, ...unfinished }
  await transact(root, changes => changes.put(['meta', 'store'], pack(meta)))
}

/** One writer: each change begins when the one before has ended, and after a failure with what that one left over. */
function oneAfterAnother(ground: Ground) {
  let last: Promise<unknown> = Promise.resolve()
  let unsettled = false
  const run = async <Result>(work: () => Promise<Result>, evenUnsettled: boolean): Promise<Result> => {
    if (unsettled && !evenUnsettled) await settle(ground)
    unsettled = false
    try {
      return await work()
    } catch (error) {
      unsettled = true
      load(ground)
      throw error
    }
  }
  return <Result>(work: () => Promise<Result>, { evenUnsettled = false } = {}): Promise<Result> => {
    const result = last.then(() => run(work, evenUnsettled))
    last = result.catch(() => undefined)
    return result
  }
}

async function close({ root, vault }: Ground): Promise<void> {
  await root.close()
  vault.close()
}
