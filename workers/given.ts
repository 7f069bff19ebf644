import { pack, unpack } from '../config/pack.ts'
import type { Erasure } from './erasures.ts'

/**
 * What was said of an erasure in its receipt, or certificate: kept in the key store too, so that one that is done again on data
 * that was put back is answered for as it was. It names nobody. What is said of bytes is not in it: a copy brings those back.
 */
export type Given = Pick<Erasure, 'subjects' | 'atMs' | 'keysGoneAt' | 'intakeGoneAt' | 'keyIds' | 'rows'> &
  Pick<Erasure, 'unheld' | 'end'>

/** What was deleted of a tenant, by kind; what was handed back before; what a look afterwards found; null: nobody looked yet. */
export type TenantEnd = {
  readonly deleted: Readonly<Record<string, number>>
  readonly returned: Returned | null
  readonly leftRows: number | null
  readonly leftKeys: number | null
  /** How many keys were there when their destruction was begun: one that finds this comes after a death. */
  readonly keysFound?: Readonly<Record<string, number>> | null
  /** A death fell in between: so many keys went, and maybe some that came meanwhile. */
  readonly isAtLeast?: boolean
}
export type Returned = { readonly atMs: number; readonly manifestSha256: string; readonly records: number }

/** One that was carried out once, as the key store remembers it. Without names: the end of the whole tenant. */
export type Remembered = Pick<Erasure, 'tenant' | 'request' | 'names' | 'given'> &
  Partial<Pick<Erasure, 'atMs'>>

export type Keep = (erasure: Pick<Erasure, 'tenant' | 'request'>, given: Given) => Promise<void>

/** What its receipt says now, in all; null: nothing that has to stay, or nobody asked for it. */
export function givenOf(erasure: Erasure): Given | null {
  const { because, subjects, atMs, unheld, keysGoneAt, intakeGoneAt, keyIds, rows, end } = erasure
  const own: Given = {
    ...{ subjects, atMs, keysGoneAt, intakeGoneAt, keyIds, rows },
    ...(unheld === undefined ? {} : { unheld }),
    ...(end === undefined ? {} : { end }),
  }
  const given = erasure.given === undefined ? own : withFirst(own, erasure.given)
  return because === 'withdrawal' || given.keysGoneAt === null ? null : given
}

/** What was first stands; what had not come so far is as it is now. */
function withFirst(own: Given, first: Given): Given {
  const end = first.end !== undefined && isLooked(first.end) ? first.end : (own.end ?? first.end)
  return {
    ...first,
    keysGoneAt: first.keysGoneAt ?? own.keysGoneAt,
    intakeGoneAt: first.intakeGoneAt ?? own.intakeGoneAt,
    keyIds: [...new Set([...first.keyIds, ...own.keyIds])],
    ...(end === undefined ? {} : { end }),
  }
}

const isLooked = ({ leftRows, leftKeys }: TenantEnd) => leftRows !== null && leftKeys !== null

/** How an erasure is answered for: by what was said of it first, and by what is true of bytes now. */
export function answeredFor(erasure: Erasure): Erasure {
  const given = erasure.given === undefined ? null : givenOf(erasure)
  return given === null ? erasure : { ...erasure, ...given }
}

/** In a receipt: that it was done again, since when, and on how many rows. */
export function doneAgain({ given, atMs, rows }: Erasure) {
  return given === undefined ? {} : { doneAgain: { at: new Date(atMs).toISOString(), rows } }
}

export const isSame = (one: Given | null, other: Given | null) =>
  JSON.stringify(one) === JSON.stringify(other)
export const packGiven = (given: Given) => pack(given)
export const unpackGiven = (bytes: Uint8Array) => unpack(bytes) as Given
