import type { KeyObject } from 'node:crypto'
import { secretKey } from '../../config/keyWrap.ts'
import { isFlushed } from '../../config/flushed.ts'
import { type Changes, type Environment, NotWritten, transact } from '../../config/lmdb.ts'
import { pack, unpack } from '../../config/pack.ts'
import { keptSeen, loadSeen, putSeen, type Seen, settledSeen, type Written } from './seen.ts'
import type { Vault } from './vault.ts'

/** What all parts of the key store stand on: rows, the vault, and what of the rows is held in memory. */

/**
 * The rows. `block`: number → Block; `key`: block, page → keys and names, wrapped (pages.ts); `at`: id → block, page;
 * `name`: tenant, keyed hash of the name, id; `period`, `intake`: id → what they are; `gone`: id → log time; `erasure`:
 * tenant, request → Noted; `given`: tenant, request → what its receipt says; `fact`: tenant, id → what has to hold (factList.ts);
 * `end`: tenant → SeenEnd.
 * No row holds a name in the clear, because LMDB keeps old bytes.
 */
export type Key = (string | number)[]
export type KeyChanges = Changes<Key>

export type Block = {
  readonly tenant: string
  readonly slot: number
  /** Keys that are in it, and that were ever put into it: a place is used once. */
  count: number
  filled: number
  /** Log time: when it was made, and up to when gateways may use a key in it. */
  readonly fromMs: number
  untilMs: number
  key: KeyObject | null
  /** While it is wrapped anew: the key that it has next. Its pages may be read before we are told that they are written. */
  next: KeyObject | null
}
export type Period = {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly untilMs: number
  readonly slot: number
}
export type Intake = {
  readonly id: string
  readonly publicHalf: Uint8Array
  readonly slot: number
  /** The pair made last is the one in use. */
  readonly order: number
  /** Unix ms by this machine's clock; left out: it is in use, or was replaced by a version that did not note it. */
  readonly replacedAt?: number
}

export type Ground = {
  readonly directory: string
  readonly root: Environment<Key>
  readonly vault: Vault
  readonly hashKey: Buffer
  readonly blocks: Map<number, Block>
  /** The block of a tenant that has room. */
  readonly open: Map<string, number>
  readonly periods: Map<string, Period>
  /** By tenant and name, sorted by their end; null: to be sorted again. */
  byEnd: Map<string, Period[]> | null
  readonly intakes: Map<string, Intake>
  readonly agreed: Map<string, KeyObject | null>
  lastBlock: number
  /** The latest log time that was seen: what tombstones are stamped with. */
  lastMs: number
  gone: number
  /** The last row that was looked at for forgetting; null: it begins anew. */
  lookedAt: Key | null
  /** Of the data beside it. */
  readonly seen: Seen
}

/** Keys of one block: what an erasure has to wrap anew, so many at once. */
export const blockKeys = 1_024
export const pageKeys = 16

export const idText = (id: Uint8Array) => Buffer.from(id).toString('base64url')
export const idBytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64url'))

/** Reads into memory what the rows say. */
export function load(ground: Ground): void {
  for (const held of [ground.blocks, ground.open, ground.periods, ground.intakes, ground.agreed]) held.clear()
  ground.byEnd = null
  for (const { key, value } of rowsOf(ground, 'block')) {
    const number = Number(key[1])
    const block: Block = { ...(unpack(value) as Omit<Block, 'key' | 'next'>), key: null, next: null }
    ground.blocks.set(number, block)
    ground.lastBlock = Math.max(ground.lastBlock, number)
    if (block.filled < blockKeys) ground.open.set(block.tenant, number)
  }
  for (const { key, value } of rowsOf(ground, 'period')) {
    ground.periods.set(String(key[1]), unpack(value) as Period)
  }
  for (const { key, value } of rowsOf(ground, 'intake')) {
    ground.intakes.set(String(key[1]), unpack(value) as Intake)
  }
  const lastMs = ground.root.get(['meta', 'lastMs'])
  ground.lastMs = Math.max(ground.lastMs, lastMs === undefined ? 0 : (unpack(lastMs) as number))
  loadSeen(ground)
  ground.gone = ground.root.getKeysCount({ start: ['gone'], end: ['gone', after] })
}

/** Comes after every id and every name in a range. */
export const after = '\uffff'

export function* rowsOf({ root }: Ground, ...prefix: Key): Generator<{ key: Key; value: Buffer }> {
  yield* root.getRange({ start: prefix, end: [...prefix, after] })
}

export function putBlock(ground: Ground, changes: KeyChanges, number: number): void {
  changes.put(['block', number], blockRow(blockOf(ground, number)))
}

export function blockRow({ key: _, next: __, ...written }: Block): Buffer {
  return pack(written)
}

export function blockOf(ground: Ground, number: number): Block {
  const block = ground.blocks.get(number)
  if (block === undefined) throw new Error(`The key store in ${ground.directory} has no block ${number}.`)
  return block
}

/** null: its slot does not open; what is in the block is lost. */
export function blockKey(ground: Ground, block: Block): KeyObject | null {
  const bytes = block.key === null ? ground.vault.read(block.slot) : null
  if (bytes !== null) block.key = secretKey(bytes)
  bytes?.fill(0)
  return block.key
}

/** Leaves the id behind, so that the log or a backup cannot bring the key back. */
export function bury(ground: Ground, changes: KeyChanges, ids: Iterable<string>): void {
  const stamp = pack(ground.lastMs)
  for (const id of ids) changes.put(['gone', id], stamp)
}

export type Step = {
  readonly work: (changes: KeyChanges) => void
  /** Brings memory to what the rows now say. */
  readonly done?: () => void
  /** Slots that no row names from here on. */
  readonly retired?: readonly number[]
}

/**
 * The order on which everything rests: new slots are on the disk before a row names them, and old ones are destroyed
 * after no row on the disk names them. So a crash leaves the old state or the new one, and what is unnamed is destroyed
 * when the store is next opened.
 */
export async function commit(ground: Ground, step: Step): Promise<void> {
  await ground.vault.flush()
  let written: Written | null = null
  await transact(ground.root, changes => {
    step.work(changes)
    written = putSeen(ground, changes)
  })
  await rowsFlushed(ground)
  keptSeen(ground, written)
  step.done?.()
  for (const slot of step.retired ?? []) ground.vault.destroy(slot)
  await ground.vault.flush()
}

async function rowsFlushed({ root }: Ground): Promise<void> {
  if (!(await isFlushed(root))) throw new NotWritten(null)
}

/**
 * Destroys what no row names: a crash or a full disk came between a commit and the end of a destruction. The rows may be
 * read from memory that no disk has, so they are flushed first.
 */
export async function settle(ground: Ground): Promise<void> {
  await ground.vault.flush()
  // What failed may be visible although no disk has it: whoever does it again finds nothing left to do.
  await rowsFlushed(ground)
  load(ground)
  settledSeen(ground)
  const left = ground.vault.settle(namedSlots(ground))
  if (left.length === 0) return
  await commit(ground, {
    work: changes => changes.put(['meta', 'lastMs'], pack(ground.lastMs)),
    retired: left,
  })
}

export function namedSlots(ground: Ground): Set<number> {
  const named = new Set<number>()
  for (const held of [ground.blocks, ground.periods, ground.intakes]) {
    for (const { slot } of held.values()) named.add(slot)
  }
  for (const kind of ['erasure', 'fact'])
    for (const { value } of rowsOf(ground, kind)) named.add((unpack(value) as { slot: number }).slot)
  return named
}
