import { type Environment, transact } from '../config/lmdb.ts'
import type { LogRecord } from '../config/nats.ts'
import { pack, unpack } from '../config/pack.ts'

/** Entries of the log that a partition keeps itself, because it could not apply them in time: a row each, by sequence. */

/** Up to which sequence, 0: there are none; and how many. */
export type Held = { readonly upTo: number; readonly entries: number }
export const nothingHeld: Held = { upTo: 0, entries: 0 }

type Key = (string | number)[]
type Root = Environment<Key>
type Row = Pick<LogRecord, 'timeMs' | 'data'>

const meta: Key = ['meta', 'held']
const key = (sequence: number): Key => ['held', sequence]
const end = key(Number.MAX_SAFE_INTEGER)

/** What the store of a partition offers of them. */
export function heldStore(root: Root) {
  return {
    held: () => readHeld(root),
    heldAfter: (sequence: number, most: number) => heldAfter(root, sequence, most),
    hold: (records: readonly LogRecord[], held: Held) => hold(root, records, held),
    letGo: (through: number, most: number) => letGo(root, through, most),
  }
}

function readHeld(root: Root): Held {
  const bytes = root.get(meta)
  return bytes === undefined ? nothingHeld : (unpack(bytes) as Held)
}

/** In the order of the log, after a sequence, at most so many. */
function heldAfter(root: Root, sequence: number, most: number): LogRecord[] {
  return [...root.getRange({ start: key(sequence + 1), end, limit: most })].map(({ key: at, value }) => {
    const { timeMs, data } = unpack(value) as Row
    return { subject: '', sequence: Number(at[1]), timeMs, data }
  })
}

/** `held`: what there is with them. */
function hold(root: Root, records: readonly LogRecord[], held: Held): Promise<void> {
  return transact(root, changes => {
    for (const { sequence, timeMs, data } of records)
      changes.put(key(sequence), pack({ timeMs, data } satisfies Row))
    changes.put(meta, pack(held))
  })
}

/** Removes at most so many up to a sequence; says what is left. */
async function letGo(root: Root, through: number, most: number): Promise<Held> {
  const keys = [...root.getKeys({ start: key(0), end: key(through + 1), limit: most })]
  const { upTo, entries } = readHeld(root)
  const left = entries - keys.length
  const held = left <= 0 && through >= upTo ? nothingHeld : { upTo, entries: left }
  await transact(root, changes => {
    for (const one of keys) changes.remove(one)
    changes.put(meta, pack(held))
  })
  return held
}
