import { type Environment, transact } from '../../config/lmdb.ts'
import { callerName, visitorName } from '../../core/subjectNames.ts'
import { callIndex, enteredIndex, sessionIndex } from '../../workers/findable.ts'
import type { HistoryKey } from '../../workers/history.ts'
import { idOf } from './events.ts'
import { type Made, placeOf, type Seed, seededTenants } from './seeded.ts'

/**
 * The names under which millions of seeded events are found, put into a store in the order in which it keeps them. Facts
 * stand in columns and names as single numbers, so that tens of millions of them can be sorted in memory.
 */
export type NameList = {
  add(made: Made): void
  put(root: Environment<HistoryKey>, say: (line: string) => void): Promise<void>
}

/** In the order of what names of a kind begin with. */
const kinds = ['caller', 'entered', 'call', 'session', 'visitor'] as const
type Kind = (typeof kinds)[number]

const wholeNames: Readonly<Record<Kind, (id: string) => string>> = {
  caller: callerName,
  entered: enteredIndex,
  call: id => callIndex('generic', id),
  session: sessionIndex,
  visitor: visitorName,
}
const kindsOf: Readonly<Record<Made['kind'], readonly Kind[]>> = {
  hello: ['session', 'visitor'],
  page: ['session', 'visitor'],
  engagement: ['entered', 'session', 'visitor'],
  signal: ['caller', 'call'],
}

/** A name as a number: tenant and kind, the first four characters of the id, the event's row; 52 bits. */
const rowsMax = 2 ** 24
const prefixes = 2 ** 24
const namesPerRow = 2.3
const namesPerCommit = 4_096

export function createNameList(seed: Seed): NameList {
  const { rows } = seed
  if (rows > rowsMax) throw new Error(`There can be ${rowsMax} rows.`)
  let names = new Float64Array(Math.ceil(rows * namesPerRow) + 16)
  let count = 0
  const columns = {
    visitor: new Uint32Array(rows),
    visit: new Uint32Array(rows),
    caller: new Uint32Array(rows),
  }
  const numberOf = (kind: Kind, row: number) => {
    if (kind === 'entered') return row
    return columns[kind === 'visitor' || kind === 'caller' ? kind : 'visit'][row] as number
  }
  const add = ({ tenant, kind, row, visitor, visit, caller }: Made) => {
    columns.visitor[row] = visitor
    columns.visit[row] = visit
    columns.caller[row] = caller ?? 0
    for (const named of kindsOf[kind]) {
      if (named === 'caller' && caller === null) continue
      const group = seededTenants.indexOf(tenant) * kinds.length + kinds.indexOf(named)
      const prefix = prefixOf(idOf(named, tenant, numberOf(named, row)))
      if (count === names.length) names = grown(names)
      names[count] = (group * prefixes + prefix) * rowsMax + row
      count += 1
    }
  }
  const keyOf = (name: number): HistoryKey => {
    const row = name % rowsMax
    const group = Math.floor(name / rowsMax / prefixes)
    const kind = kinds[group % kinds.length] as Kind
    const tenant = seededTenants[Math.floor(group / kinds.length)] as Made['tenant']
    const { atMs, sequence, index } = placeOf(seed, row)
    return ['find', tenant, wholeNames[kind](idOf(kind, tenant, numberOf(kind, row))), atMs, sequence, index]
  }
  const put = async (root: Environment<HistoryKey>, say: (line: string) => void) => {
    const sorted = names.subarray(0, count).sort()
    for (let from = 0; from < count; from += namesPerCommit)
      await transact(root, changes => {
        for (const name of sorted.subarray(from, from + namesPerCommit)) changes.put(keyOf(name), nothing)
      })
    say(`${count} names`)
  }
  return { add, put }
}

const nothing = Buffer.alloc(0)

function grown(names: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const more = new Float64Array(Math.ceil(names.length * 1.2))
  more.set(names)
  return more
}

const ranks = new Uint8Array(128)
for (const [rank, character] of [
  ...'-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz',
].entries())
  ranks[character.charCodeAt(0)] = rank

/** Of its first four characters, so that ids stand in the order of their texts. */
function prefixOf(id: string): number {
  let prefix = 0
  for (let index = 0; index < 4; index++) prefix = prefix * 64 + (ranks[id.charCodeAt(index)] as number)
  return prefix
}
