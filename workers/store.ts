import { join } from 'node:path'
import { isFlushed } from '../config/flushed.ts'
import { type Environment, openEnvironment, transact } from '../config/lmdb.ts'
import { pack, unpack } from '../config/pack.ts'
import { Refused } from '../config/refused.ts'
import type { AccessRow } from './accessRows.ts'
import type { AuditRecord } from '../core/audit.ts'
import { auditStore, putAudit } from './auditStore.ts'
import { createChangeList } from './changeList.ts'
import { eventStore } from './eventStore.ts'
import type { BreachRow } from './breachRows.ts'
import { heldStore } from './heldRows.ts'
import { type HistoryRow, putHistory } from './history.ts'
import type { KeysKnown, KeysLost } from './keysKnown.ts'
import type { Mark } from './mark.ts'
import {
  countKeys,
  forgetRetentionDay,
  type KeysEnded,
  putRetentionDays,
  readRetentionDays,
  type RetentionDay,
} from './retentionDays.ts'
import { type KeptMoment, keysOfMoments, putPoolMoment } from './poolMoments.ts'
import { putRequest, type RequestRow } from './requestRows.ts'
import type { Row } from './rows.ts'

/**
 * A partition's store: one environment, written only by the thread that owns the partition.
 * Rows are packed at the moment they are taken from the state, so a commit holds exactly the state at its position.
 */

/** The format of everything below. A store written by a newer format is refused, an older one would be migrated here. */
export const storeFormat = 1

export type Position = {
  readonly sequence: number
  readonly rules: number
  /** The identity of the log this position belongs to: when the stream was created. */
  readonly log: string
  /** An entry of that log, as near to the sequence as there is one; null: it has none yet. */
  readonly mark: Mark | null
}
export type Commit = {
  readonly rows: readonly Row[]
  readonly access: readonly AccessRow[]
  readonly history: readonly HistoryRow[]
  readonly erasures: readonly RequestRow[]
  readonly rectifications: readonly RequestRow[]
  readonly audit: readonly AuditRecord[]
  readonly breaches: readonly BreachRow[]
  readonly position: Position
  /** Left out: nobody's keys are beside it. */
  readonly keys?: KeysKnown
  /** The sequence this owner committed last: another one in the store means another writer. */
  readonly expected: number
}

/** Somebody else wrote to this store: the partition stops. */
export class TwoWriters extends Error {}

export type Aside = {
  readonly sequence: number
  readonly index: number
  readonly reason: string
  /** Log time, after which it expires. */
  readonly atMs: number
  readonly bytes: Uint8Array
}

export type Store = ReturnType<typeof openStore>

type Key = (string | number)[]
type ChangeList = ReturnType<typeof createChangeList>

/** Opens, or makes, the store of one partition. Throws a sentence where it is of a newer format or cannot be written. */
export function openStore(dataDir: string, partition: number) {
  const path = join(dataDir, 'partitions', String(partition).padStart(3, '0'))
  const root = openEnvironment<Key>(path)
  checkFormat(root, path)
  const changeList = createChangeList(root)
  return {
    position: () => readPosition(root),
    /** Of the keys that were beside it at its position; null: an older version wrote it. */
    keysKnown: () => readMeta<KeysKnown>(root, 'keys'),
    /** Somebody said that they are lost; null: nobody did. */
    keysLost: () => readMeta<KeysLost>(root, 'keys-lost'),
    sayKeysLost: (lost: KeysLost) =>
      transact(root, changes => changes.put(['meta', 'keys-lost'], pack(lost))),
    forgetKeysLost: () => transact(root, changes => changes.remove(['meta', 'keys-lost'])),
    rows: () => readRows(root),
    commit: (commit: Commit) => write(root, changeList, commit),
    access: () => readKept(root, 'access'),
    ...auditStore(root),
    rectifications: () => readKept(root, 'rectify'),
    putRectification: (row: RequestRow) => transact(root, changes => putRequest(changes, 'rectify', row)),
    erasures: () => readKept(root, 'erasure'),
    erasuresOf: (tenant: string) => readKept(root, 'erasure', tenant),
    erasure: (tenant: string, request: string) => root.get(['erasure', tenant, request]) ?? null,
    putErasure: (row: RequestRow) => transact(root, changes => putRequest(changes, 'erasure', row)),
    breaches: () => readKept(root, 'breach'),
    keyUses: () => readKept(root, 'used'),
    noteKeyUse: ({ tenant, id, bytes }: Kept) =>
      transact(root, changes => changes.put(['used', tenant, id], bytes)),
    /** Whether what was committed so far survives a power cut: what trimming the log waits for. */
    isFlushed: () => isFlushed(root),
    setAside: (aside: Aside) =>
      transact(root, changes => changes.put(['aside', aside.sequence, aside.index], pack(aside))),
    ...heldStore(root),
    /** What was set aside, oldest first, at most so many: for whoever looks into it. */
    asides: (most: number) => readAsides(root, most),
    forgetAsides: (beforeMs: number, most: number) => forgetAsides(root, beforeMs, most),
    ...eventStore(root),
    putPoolMoment: (tenant: string, moment: KeptMoment, beforeMs: number) =>
      transact(root, changes => putPoolMoment(root, changes, tenant, moment, beforeMs)),
    /** Removes some of a tenant's moments of pools up to a time, and says how many. */
    removePoolMoments: async (tenant: string, throughMs: number, most: number) => {
      const keys = keysOfMoments(root, tenant, throughMs, most)
      await removeAll(root, keys)
      return keys.length
    },
    retentionDays: () => readRetentionDays(root),
    putRetentionDays: (days: readonly RetentionDay[]) => putRetentionDays(root, days),
    forgetRetentionDay: (named: Pick<RetentionDay, 'tenant' | 'day'>) => forgetRetentionDay(root, named),
    countKeys: (named: Pick<RetentionDay, 'tenant' | 'day'>, more: KeysEnded) => countKeys(root, named, more),
    /** Rows of a tenant other than what has to stay: its audit chain, its access list, what proves its end. */
    rowsLeft: (tenant: string, through: number) => rowsLeft(root, tenant, through),
    /** Whether the core knows the tenant: it has not ended, or was configured anew. */
    isKnown: (tenant: string) => isKnown(root, tenant),
    usage: () => usage(root),
    /** Writes the file anew, so that nothing is left of what was removed; commits go on meanwhile. */
    compact: () => root.compact(),
    madeAt: () => root.madeAt(),
    close: () => root.close(),
  }
}

function checkFormat(root: Environment<Key>, path: string): void {
  const written = root.get(['meta', 'format'])
  if (written === undefined) {
    root.putSync(['meta', 'format'], pack(storeFormat))
    return
  }
  const format = unpack(written) as number
  if (format > storeFormat) {
    throw new Refused(
      `The store in ${path} has format ${format}; this version of Ringtrail reads up to ${storeFormat}. Start the newer version, or restore a backup made by this one.`,
    )
  }
}

/** By table, then key. */
function inOrder(one: Row, other: Row): number {
  if (one.table !== other.table) return one.table < other.table ? -1 : 1
  return one.key < other.key ? -1 : 1
}

function readPosition(root: Environment<Key>): Position | null {
  return readMeta<Position>(root, 'position')
}

function readMeta<Meta>(root: Environment<Key>, name: string): Meta | null {
  const bytes = root.get(['meta', name])
  return bytes === undefined ? null : (unpack(bytes) as Meta)
}

/** Every row of the state, for `restoreState`. Read once, before anything is applied. */
function* readRows(root: Environment<Key>): Generator<{ table: string; key: string; value: unknown }> {
  for (const { key, value } of root.getRange({ start: ['state'], end: ['statf'] })) {
    yield { table: String(key[1]), key: String(key[2]), value: unpack(value) }
  }
}

/**
 * Puts rows, history and position in one transaction. The promise is for visibility: the position may be ahead of the
 * disk for a moment, which is harmless because the log still holds the entries; only trimming waits for `flushed`.
 * A store whose position is not the one this owner wrote last has another writer: that is a broken promise, and throws.
 */
async function write(root: Environment<Key>, changeList: ChangeList, commit: Commit): Promise<void> {
  const rows = [...commit.rows].sort(inOrder)
  await transact(root, changes => {
    if ((readPosition(root)?.sequence ?? 0) !== commit.expected)
      throw new TwoWriters('the store has another writer')
    const change = (key: Key, bytes: Buffer | null) =>
      bytes === null ? changes.remove(key) : changes.put(key, bytes)
    // A request that is heard again after a crash may have come further.
    const begin = (kind: 'erasure' | 'rectify', row: RequestRow) => {
      if (!root.doesExist([kind, row.tenant, row.request])) putRequest(changes, kind, row)
    }
    for (const row of rows) change(['state', row.table, row.key], row.bytes)
    for (const row of commit.erasures) begin('erasure', row)
    for (const row of commit.rectifications) begin('rectify', row)
    for (const { tenant, id, bytes } of commit.access) change(['access', tenant, id], bytes)
    for (const { tenant, id, bytes } of commit.breaches) change(['breach', tenant, id], bytes)
    putHistory(changes, commit.history)
    putAudit(changes, commit.audit)
    changeList.put(changes, commit.position.sequence, rows)
    if (commit.keys !== undefined) changes.put(['meta', 'keys'], pack(commit.keys))
    changes.put(['meta', 'position'], pack(commit.position))
  })
}

type Kept = { readonly tenant: string; readonly id: string; readonly bytes: Buffer }

function* readKept(root: Environment<Key>, ...prefix: string[]): Generator<Kept> {
  for (const { key, value } of root.getRange({ start: prefix, end: [...prefix, '\uffff'] })) {
    yield { tenant: String(key[1]), id: String(key[2]), bytes: value }
  }
}

function readAsides(root: Environment<Key>, most: number): Aside[] {
  const range = root.getRange({ start: ['aside', 0], end: ['aside', Number.MAX_SAFE_INTEGER], limit: most })
  return [...range].map(({ value }) => unpack(value) as Aside)
}

/** Removes at most `most` of what was set aside before `beforeMs`, oldest first, and says how many. */
async function forgetAsides(root: Environment<Key>, beforeMs: number, most: number): Promise<number> {
  const keys: Key[] = []
  for (const { key, value } of root.getRange({
    start: ['aside', 0],
    end: ['aside', Number.MAX_SAFE_INTEGER],
    limit: most,
  })) {
    if ((unpack(value) as Aside).atMs >= beforeMs) break
    keys.push(key)
  }
  await removeAll(root, keys)
  return keys.length
}

const tenantTables = ['sessions', 'visitors', 'numbers', 'calls', 'callers', 'restricted'] as const

/** Of events, those up to an entry of the log; of what the core holds, nothing may be there unless it knows the tenant anew. */
function rowsLeft(root: Environment<Key>, tenant: string, through: number): number {
  const between = (start: Key, end: Key, limit = lookedAtMax) => [...root.getKeys({ start, end, limit })]
  const after = Number.MAX_SAFE_INTEGER
  const events = between(['history', tenant, 0], ['history', tenant, after])
  const names = between(['find', tenant], ['find', tenant, '\uffff'])
  const old = [...events.map(key => key[3]), ...names.map(key => key[4])]
  const states = isKnown(root, tenant)
    ? []
    : tenantTables.flatMap(table =>
        between(['state', table, `${tenant} `], ['state', table, `${tenant}!`], leavingLookedAtMax),
      )
  const moments = isKnown(root, tenant) ? [] : keysOfMoments(root, tenant, after, leavingLookedAtMax)
  return old.filter(sequence => Number(sequence) <= through).length + states.length + moments.length
}

const lookedAtMax = 100_000
/** They leave with the commits, and somebody looks again and again until none is there. */
const leavingLookedAtMax = 100

function isKnown(root: Environment<Key>, tenant: string): boolean {
  return root.get(['state', 'policies', tenant]) !== undefined
}

async function removeAll(root: Environment<Key>, keys: readonly Key[]): Promise<void> {
  if (keys.length === 0) return
  await transact(root, changes => {
    for (const key of keys) changes.remove(key)
  })
}

type Stats = {
  pageSize?: number
  lastPageNumber?: number
  mapSize?: number
  numReaders?: number
  free?: { entryCount?: number }
}

function usage(root: Environment<Key>): { usedBytes: number; mapBytes: number; readers: number } {
  const stats = root.getStats() as Stats & { root?: Stats }
  const pageBytes = stats.pageSize ?? 4_096
  return {
    usedBytes: (stats.lastPageNumber ?? stats.root?.lastPageNumber ?? 0) * pageBytes,
    mapBytes: stats.mapSize ?? stats.root?.mapSize ?? 0,
    readers: stats.numReaders ?? stats.root?.numReaders ?? 0,
  }
}
