import { createHmac, randomBytes } from 'node:crypto'
import { secretKey, unwrap, wrap } from '../../config/keyWrap.ts'
import { unpack } from '../../config/pack.ts'
import {
  blockKey,
  blockKeys,
  blockOf,
  type Ground,
  idBytes,
  idText,
  type KeyChanges,
  putBlock,
  rowsOf,
} from './ground.ts'

/** Keys of subjects: in blocks, each of one tenant, wrapped together with the subject's name under the block's key. */

export const secretBytes = 32
const nonceBytes = 12

export type OpenedKey = { readonly tenant: string; readonly name: string; readonly secret: Buffer }
export type Subject = { readonly id: string; readonly name: string; readonly secret: Buffer }

export function subjectKey(ground: Ground, id: Uint8Array): OpenedKey | null {
  const text = idText(id)
  const at = ground.root.get(['at', text])
  if (at === undefined) return null
  const number = unpack(at) as number
  const bytes = ground.root.get(['key', number, text])
  const block = ground.blocks.get(number)
  if (bytes === undefined || block === undefined) return null
  const key = blockKey(ground, block)
  const subject = key && openRow(text, bytes, key)
  return subject && { tenant: block.tenant, name: subject.name, secret: subject.secret }
}

/** Under which its keys are found; keyed, because names are not to be read from the free pages of a database. */
export function nameHash({ hashKey }: Ground, tenant: string, name: string): string {
  return createHmac('sha256', hashKey).update(`${tenant}\0${name}`).digest('base64url')
}

export function idsOf(ground: Ground, tenant: string, name: string): Uint8Array[] {
  return [...rowsOf(ground, 'name', tenant, nameHash(ground, tenant, name))].map(({ key }) =>
    idBytes(String(key[3])),
  )
}

/** Makes a block that is in memory and in the vault at once; a row has to name it. */
export function makeBlock(ground: Ground, tenant: string, untilMs = 0, fromMs = ground.lastMs): number {
  const key = randomBytes(secretBytes)
  const slot = ground.vault.allocate()
  ground.vault.write(slot, key)
  ground.lastBlock += 1
  ground.blocks.set(ground.lastBlock, { tenant, slot, count: 0, fromMs, untilMs, key: secretKey(key) })
  key.fill(0)
  return ground.lastBlock
}

/**
 * A block takes keys for so long at most, and no longer than each may be used: then all in it have been out of use for their time at
 * about the same moment.
 */
const blockTakesMsMax = 86_400_000

/** The block of a tenant in which there is room for another key, that may be used for so long. */
export function roomFor(ground: Ground, tenant: string, lastsMs: number): number {
  const open = ground.open.get(tenant)
  const takesMs = lastsMs > 0 ? Math.min(blockTakesMsMax, lastsMs) : blockTakesMsMax
  if (open !== undefined) {
    const { count, fromMs } = blockOf(ground, open)
    if (count < blockKeys && ground.lastMs < fromMs + takesMs) return open
  }
  const made = makeBlock(ground, tenant)
  ground.open.set(tenant, made)
  return made
}

export type Placed = { readonly id: string; readonly block: number; readonly bytes: Buffer }

/** Wraps a subject's key for a block, in which it counts from now on. */
export function place(ground: Ground, number: number, { id, name, secret }: Subject): Placed {
  const block = blockOf(ground, number)
  const key = blockKey(ground, block)
  if (key === null) throw new Error(`Block ${number} of the key store in ${ground.directory} does not open.`)
  block.count += 1
  const plain = Buffer.concat([secret, Buffer.from(name)])
  const bytes = wrap(plain, key, randomBytes(nonceBytes), Buffer.from(id))
  plain.fill(0)
  return { id, block: number, bytes }
}

export function putPlaced(
  ground: Ground,
  changes: KeyChanges,
  placed: readonly Placed[],
  packedNumber: (block: number) => Buffer,
): void {
  for (const { id, block, bytes } of placed) {
    changes.put(['key', block, id], bytes)
    changes.put(['at', id], packedNumber(block))
  }
  for (const number of new Set(placed.map(({ block }) => block))) putBlock(ground, changes, number)
}

/** What a block holds; a row that does not open has no subject. */
export function* readBlock(
  ground: Ground,
  number: number,
): Generator<{ id: string; subject: Subject | null }> {
  for (const row of rowsOf(ground, 'key', number)) {
    const id = String(row.key[2])
    yield { id, subject: openSubject(ground, number, id) }
  }
}

/** null: it is not in the block, or does not open. */
export function openSubject(ground: Ground, number: number, id: string): Subject | null {
  const bytes = ground.root.get(['key', number, id])
  const key = blockKey(ground, blockOf(ground, number))
  return bytes === undefined || key === null ? null : openRow(id, bytes, key)
}

function openRow(id: string, bytes: Buffer, key: Parameters<typeof unwrap>[1]): Subject | null {
  const plain = unwrap(bytes, key, Buffer.from(id))
  if (plain === null || plain.length < secretBytes) return null
  return { id, name: plain.toString('utf8', secretBytes), secret: plain.subarray(0, secretBytes) }
}
