import { none } from './interned.ts'

/** One value for each call of a tenant, outside of the heap: about 60 bytes a call together. */
export type Columns = ReturnType<typeof makeColumns>

export function makeColumns(room: number) {
  return {
    rangAt: new Float64Array(room),
    /** When it was heard of last: by that it is forgotten (rule F1). */
    heardAt: new Float64Array(room),
    talkMs: new Int32Array(room),
    kind: new Uint8Array(room),
    outcome: new Uint8Array(room),
    flags: new Uint8Array(room),
    confidence: new Uint16Array(room),
    source: new Int32Array(room),
    b: new Int32Array(room),
    carrier: new Int32Array(room),
    /** Hashes: who is found by one is looked at. */
    session: new Int32Array(room),
    visitor: new Int32Array(room),
    caller: new Int32Array(room),
    touches: new Int32Array(room),
    touchCount: new Uint8Array(room),
  }
}

export const flag = { qualified: 1, firstTime: 2, firstTimeKnown: 4, restricted: 8 } as const

type AnyColumn = { set(other: ArrayLike<number>): void }

/** The same with more room. */
export function grown(columns: Columns, room: number): Columns {
  const larger = makeColumns(room)
  for (const name of Object.keys(columns) as (keyof Columns)[])
    (larger[name] as AnyColumn).set(columns[name] as ArrayLike<number>)
  return larger
}

/** The same with slots in this order. */
export function arranged(columns: Columns, order: Int32Array): Columns {
  const anew = makeColumns(columns.rangAt.length)
  for (const name of Object.keys(columns) as (keyof Columns)[])
    for (let place = 0; place < order.length; place++)
      anew[name][place] = columns[name][order[place] as number] as number
  return anew
}

/** FNV-1a of a name; `none` is nobody's. */
export function hashOf(name: string | null): number {
  if (name === null) return none
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  const found = hash | 0
  return found === none ? 0 : found
}
