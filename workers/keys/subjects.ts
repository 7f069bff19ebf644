import { createHmac, type KeyObject, randomBytes } from 'node:crypto'
import { secretKey } from '../../config/keyWrap.ts'
import { unpack } from '../../config/pack.ts'
import { blockKey, blockKeys, blockOf, type Ground, idBytes, idText, rowsOf } from './ground.ts'
import { findOnPage, type Place, secretBytes } from './pages.ts'

/** Keys of subjects: in blocks, each of one tenant, wrapped together with the subject's name under the block's key. */

export type OpenedKey = { readonly tenant: string; readonly name: string; readonly secret: Buffer }

export function subjectKey(ground: Ground, id: Uint8Array): OpenedKey | null {
  const text = idText(id)
  const place = placeOf(ground, text)
  const row = place && ground.root.get(['key', ...place])
  const block = place && ground.blocks.get(place[0])
  if (!row || !block) return null
  const on = (key: KeyObject | null) => findOnPage(place, row, key, text)
  const subject = on(blockKey(ground, block)) ?? on(block.next)
  return subject && { tenant: block.tenant, name: subject.name, secret: subject.secret }
}

/** Where the key of this id is; null: it is not here. */
export function placeOf({ root }: Ground, id: string): Place | null {
  const at = root.get(['at', id])
  return at === undefined ? null : (unpack(at) as Place)
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

/** The pages of a block. */
export function* pagesOf(ground: Ground, number: number): Generator<{ place: Place; row: Buffer }> {
  for (const { key, value } of rowsOf(ground, 'key', number))
    yield { place: [number, Number(key[2])], row: value }
}

/** Makes a key of a block, which is in the vault at once; a row has to name it. */
export function makeKey({ vault }: Ground): { slot: number; key: KeyObject } {
  const bytes = randomBytes(secretBytes)
  const slot = vault.allocate()
  vault.write(slot, bytes)
  const key = secretKey(bytes)
  bytes.fill(0)
  return { slot, key }
}

function makeBlock(ground: Ground, tenant: string): number {
  const empty = { count: 0, filled: 0, fromMs: ground.lastMs, untilMs: 0 }
  ground.lastBlock += 1
  ground.blocks.set(ground.lastBlock, { tenant, ...empty, ...makeKey(ground), next: null })
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
    const { filled, fromMs } = blockOf(ground, open)
    if (filled < blockKeys && ground.lastMs < fromMs + takesMs) return open
  }
  const made = makeBlock(ground, tenant)
  ground.open.set(tenant, made)
  return made
}

/** Nothing more is put into it. */
export function closeBlock({ blocks, open }: Ground, number: number): void {
  const tenant = blocks.get(number)?.tenant ?? ''
  if (open.get(tenant) === number) open.delete(tenant)
}
