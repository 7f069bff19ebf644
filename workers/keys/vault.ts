import { createHash, type KeyObject, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fchmodSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { unwrap, wrap } from '../../config/keyWrap.ts'
import { Refused } from '../../config/refused.ts'

/**
 * A file of fixed slots, each a key wrapped under the root key and bound to its slot. It exists because a database keeps
 * old bytes in free pages: here a key is destroyed where it lies, by random bytes. Slots are aligned, so none straddles
 * two sectors and none is ever half overwritten.
 *
 * The file system has to write in place: ext4 and xfs do; btrfs and zfs, snapshots below, and `data=journal` keep copies.
 */

export const slotBytes = 64
const keyBytes = 32
const nonceBytes = 12
const wrappedBytes = 60
/** The file grows by so many slots: a page. */
const slotsPerStep = 64
const checkSlot = 0
const kind = 'ringtrail vault v1'

export type Vault = ReturnType<typeof openVault>

type Ground = {
  readonly file: string
  readonly descriptor: number
  readonly rootKey: KeyObject
  slots: number
  free: number[]
  /** What was written and not yet flushed and read back. */
  readonly pending: Map<number, Buffer>
  /** Slots that become free when their destruction is flushed. */
  readonly dying: Set<number>
  /** A write or flush failed: what is pending may be nowhere, so it is written again before the next flush. */
  suspect: boolean
}

const dataSync = promisify(fdatasync)

/**
 * Opens, or makes, a vault. Throws a sentence where the root key does not open its first slot.
 *
 * Writes are in the file at once and on the disk after `flush`, which reads them back through a descriptor of its own and
 * compares. That finds a write that went elsewhere or was cut short; it cannot look below the system's page cache, so that
 * the disk keeps what it acknowledged is the disk's promise.
 */
export function openVault(file: string, rootKey: KeyObject) {
  if (!existsSync(file)) makeVault(file, rootKey)
  const descriptor = openSync(file, 'r+')
  fchmodSync(descriptor, 0o600)
  const slots = Math.floor(fstatSync(descriptor).size / slotBytes)
  const ground: Ground = {
    ...{ file, descriptor, rootKey, slots, free: [] },
    ...{ pending: new Map<number, Buffer>(), dying: new Set<number>(), suspect: false },
  }
  const check = readSlot(ground, checkSlot)
  if (check === null) {
    closeSync(descriptor)
    throw new Refused(
      `The root key does not open ${file}: it is not the key that this vault was made with. Give it that one (rootKeyFile, rootKeyCommand).`,
    )
  }
  return {
    /** Names this vault, and says nothing of what is in it. */
    identity: createHash('sha256').update(check).digest('hex'),
    /** A slot that nobody uses. Slots are free only after `settle` said so, or after their destruction was flushed. */
    allocate: () => ground.free.pop() ?? grow(ground),
    write: (slot: number, key: Uint8Array) => put(ground, slot, wrapped(rootKey, slot, key)),
    read: (slot: number) => readSlot(ground, slot),
    destroy: (slot: number) => {
      put(ground, slot, randomBytes(slotBytes))
      ground.dying.add(slot)
    },
    /** Everything but these slots is free. Returns those among the others that still hold a key: they have to be destroyed. */
    settle: (named: ReadonlySet<number>) => settle(ground, named),
    flush: () => flush(ground),
    close: () => closeSync(descriptor),
  }
}

/** Written aside, then renamed: a vault has its first slot or does not exist. */
function makeVault(file: string, rootKey: KeyObject): void {
  const aside = `${file}.new`
  const bytes = randomBytes(slotBytes * slotsPerStep)
  bytes.set(wrapped(rootKey, checkSlot, randomBytes(keyBytes)), checkSlot * slotBytes)
  const descriptor = openSync(aside, 'w', 0o600)
  try {
    writeWhole(descriptor, bytes, 0)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(aside, file)
  const folder = openSync(dirname(file), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

function wrapped(rootKey: KeyObject, slot: number, key: Uint8Array): Buffer {
  if (key.length !== keyBytes) throw new Error(`A key in a vault has ${keyBytes} bytes.`)
  const bytes = wrap(key, rootKey, randomBytes(nonceBytes), boundTo(slot))
  return Buffer.concat([bytes, randomBytes(slotBytes - wrappedBytes)])
}

const boundTo = (slot: number) => Buffer.from(`${kind} ${slot}`)

function readSlot({ descriptor, rootKey }: Ground, slot: number): Buffer | null {
  const bytes = readBytes(descriptor, slot)
  return unwrap(bytes.subarray(0, wrappedBytes), rootKey, boundTo(slot))
}

function readBytes(descriptor: number, slot: number): Buffer {
  const bytes = Buffer.alloc(slotBytes)
  readSync(descriptor, bytes, 0, slotBytes, slot * slotBytes)
  return bytes
}

function put(ground: Ground, slot: number, bytes: Buffer): void {
  if (slot === checkSlot || slot >= ground.slots)
    throw new Error(`Slot ${slot} of a vault cannot be written.`)
  ground.pending.set(slot, bytes)
  ground.dying.delete(slot)
  try {
    writeWhole(ground.descriptor, bytes, slot * slotBytes)
  } catch (error) {
    ground.suspect = true
    throw error
  }
}

function writeWhole(descriptor: number, bytes: Buffer, at: number): void {
  let done = 0
  while (done < bytes.length) done += writeSync(descriptor, bytes, done, bytes.length - done, at + done)
}

function grow(ground: Ground): number {
  const first = ground.slots
  writeWhole(ground.descriptor, randomBytes(slotBytes * slotsPerStep), first * slotBytes)
  ground.slots += slotsPerStep
  for (let slot = ground.slots - 1; slot > first; slot--) ground.free.push(slot)
  return first
}

function settle(ground: Ground, named: ReadonlySet<number>): number[] {
  const left: number[] = []
  ground.free = []
  for (let slot = ground.slots - 1; slot > checkSlot; slot--) {
    if (named.has(slot) || ground.pending.has(slot)) continue
    if (readSlot(ground, slot) === null) ground.free.push(slot)
    else left.push(slot)
  }
  return left
}

async function flush(ground: Ground): Promise<void> {
  if (ground.pending.size === 0) return
  const written = [...ground.pending]
  if (ground.suspect) {
    for (const [slot, bytes] of written) writeWhole(ground.descriptor, bytes, slot * slotBytes)
  }
  ground.suspect = true
  await dataSync(ground.descriptor)
  compare(ground.file, written)
  ground.suspect = false
  for (const [slot, bytes] of written) {
    if (ground.pending.get(slot) !== bytes) continue
    ground.pending.delete(slot)
    if (ground.dying.delete(slot)) ground.free.push(slot)
  }
}

function compare(file: string, written: readonly (readonly [number, Buffer])[]): void {
  const descriptor = openSync(file, 'r')
  try {
    for (const [slot, bytes] of written) {
      if (!readBytes(descriptor, slot).equals(bytes)) {
        throw new Error(`Slot ${slot} of ${file} does not hold what was written to it.`)
      }
    }
  } finally {
    closeSync(descriptor)
  }
}
