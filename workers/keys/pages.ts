import { type KeyObject, randomBytes } from 'node:crypto'
import { keyIdBytes } from '../../config/sealing.ts'
import { unwrap, wrap } from '../../config/keyWrap.ts'
import { idText } from './ground.ts'

/**
 * Keys of some subjects of a block, wrapped together: to wrap a block's thousand keys anew is then the work of some dozen.
 *
 * A page's row: how many (1 byte), their ids (12 each), and, wrapped and bound to the ids and the page's place, for each of
 * them the key (32), the length of the name (2), and the name.
 */

export const secretBytes = 32
export type Subject = { readonly id: string; readonly name: string; readonly secret: Buffer }

/** Where a page is. */
export type Place = readonly [block: number, page: number]

const nonceBytes = 12
const lengthBytes = 2
const namesBytesMax = 65_535

export function wrapPage(place: Place, subjects: readonly Subject[], under: KeyObject): Buffer {
  const head = Buffer.concat([
    Buffer.of(subjects.length),
    ...subjects.map(({ id }) => Buffer.from(id, 'base64url')),
  ])
  const plain = Buffer.concat(subjects.flatMap(bodyOf))
  const wrapped = wrap(plain, under, randomBytes(nonceBytes), boundTo(place, head))
  plain.fill(0)
  return Buffer.concat([head, wrapped])
}

function bodyOf({ name, secret }: Subject): Buffer[] {
  const bytes = Buffer.from(name)
  if (bytes.length > namesBytesMax) throw new Error('a name of a subject is too long')
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt16BE(bytes.length)
  return [secret, length, bytes]
}

const boundTo = ([block, page]: Place, head: Buffer) =>
  Buffer.concat([Buffer.from(`${block} ${page} `), head])

const headOf = (row: Buffer) => row.subarray(0, 1 + (row[0] ?? 0) * keyIdBytes)

/** Whose keys are in it; for that it need not be opened. */
export function idsOnPage(row: Buffer): string[] {
  const head = headOf(row)
  return Array.from({ length: row[0] ?? 0 }, (_, index) => idText(idAt(head, index)))
}

const idAt = (head: Buffer, index: number) =>
  head.subarray(1 + index * keyIdBytes, 1 + (index + 1) * keyIdBytes)

/** null: it does not open. */
export function openPage(place: Place, row: Buffer, key: KeyObject | null): Subject[] | null {
  const plain = bodyIn(place, row, key)
  if (plain === null) return null
  let at = 0
  return idsOnPage(row).map(id => {
    const { subject, end } = readAt(plain, at, id)
    at = end
    return subject
  })
}

/** null: the page does not open, or the id is not on it. Nothing of the others stays in memory. */
export function findOnPage(place: Place, row: Buffer, key: KeyObject | null, id: string): Subject | null {
  const index = idsOnPage(row).indexOf(id)
  const plain = index < 0 ? null : bodyIn(place, row, key)
  if (plain === null) return null
  let at = 0
  for (let before = 0; before < index; before++) at = endAt(plain, at)
  const { subject } = readAt(plain, at, id)
  const found = { ...subject, secret: Buffer.from(subject.secret) }
  plain.fill(0)
  return found
}

export function wipe(subjects: readonly Subject[]): void {
  for (const { secret } of subjects) secret.fill(0)
}

function bodyIn(place: Place, row: Buffer, key: KeyObject | null): Buffer | null {
  const head = headOf(row)
  return key && unwrap(row.subarray(head.length), key, boundTo(place, head))
}

const nameAt = (at: number) => at + secretBytes + lengthBytes
const endAt = (plain: Buffer, at: number) => nameAt(at) + plain.readUInt16BE(at + secretBytes)

function readAt(plain: Buffer, at: number, id: string): { subject: Subject; end: number } {
  const end = endAt(plain, at)
  const name = plain.toString('utf8', nameAt(at), end)
  return { subject: { id, name, secret: plain.subarray(at, at + secretBytes) }, end }
}
