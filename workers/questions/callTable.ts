import { outcomeNames } from '../../core/callOutcomes.ts'
import type { CallRecord, MatchKind } from '../../core/outcome.ts'
import { pathOf } from '../../core/shownCall.ts'
import { callDefaults } from '../../core/policy.ts'
import type { CallPlace } from '../../core/wire/questions.ts'
import { arranged, type Columns, flag, grown, hashOf, makeColumns } from './columns.ts'
import { GroupNames } from './groupNames.ts'
import { Interned, none } from './interned.ts'
import { Sources } from './sources.ts'
import { TouchList } from './touchList.ts'

/** What is asked of every call, as columns, in the order of their rings. Records themselves stay in the store. */

export const matchKinds: readonly MatchKind[] = [
  ...(['exact', 'tail', 'cooldown', 'shared', 'static', 'returning', 'none', 'deferred'] as const),
]

const roomAtFirst = 1_024

export class CallTable {
  columns: Columns = makeColumns(roomAtFirst)
  readonly sources = new Sources()
  readonly groupNames = new GroupNames(this.sources)
  readonly numbers = new Interned<string>()
  readonly carriers = new Interned<string>()
  touches = new TouchList()
  /** As the tenant's policy has it now. */
  halfLifeMs: number = callDefaults.halfLifeMs
  /** Slots in the order of rings, the earliest first; of equals that of their keys. Some may have gone: `settle` first. */
  order = new Int32Array(0)
  #slots = new Map<string, number>()
  #keys: (string | null)[] = []
  #free: number[] = []
  /** Slots that are new in the order, or have another place in it. */
  #moved = new Set<number>()
  #touchesInUse = 0
  /** Slots that are in the order and should not be. */
  readonly #gone = new Set<number>()

  get size(): number {
    return this.#slots.size
  }

  keyOf(slot: number): string {
    return this.#keys[slot] as string
  }

  slotOf(key: string): number | undefined {
    return this.#slots.get(key)
  }

  put(key: string, record: CallRecord, isRestricted: boolean): void {
    const known = this.#slots.get(key)
    const slot = known ?? this.#newSlot(key)
    if (known !== undefined && this.columns.rangAt[slot] !== record.rangAt) this.#gone.add(slot)
    if (known === undefined || this.columns.rangAt[slot] !== record.rangAt) this.#moved.add(slot)
    this.#write(slot, record, isRestricted)
  }

  remove(key: string): void {
    const slot = this.#slots.get(key)
    if (slot === undefined) return
    this.#slots.delete(key)
    this.#keys[slot] = null
    this.#touchesInUse -= this.columns.touchCount[slot] as number
    this.columns.touchCount[slot] = 0
    if (!this.#moved.delete(slot) || this.#gone.has(slot)) this.#gone.add(slot)
    else this.#free.push(slot)
  }

  /** Keys of the calls that may name somebody, by the hash of the name. */
  keysNaming(column: 'visitor' | 'caller', name: string): string[] {
    const hash = hashOf(name)
    const hashes = this.columns[column]
    const found: string[] = []
    for (const slot of this.#slots.values()) if (hashes[slot] === hash) found.push(this.keyOf(slot))
    return found
  }

  placeOf(slot: number): CallPlace {
    return { rangAt: this.columns.rangAt[slot] as number, key: this.keyOf(slot) }
  }

  /** How many calls in the order come before this moment. */
  before(atMs: number): number {
    return this.#search(slot => (this.columns.rangAt[slot] as number) < atMs)
  }

  /** How many come before this place. */
  beforePlace({ rangAt, key }: CallPlace): number {
    return this.#search(slot => {
      const at = this.columns.rangAt[slot] as number
      return at < rangAt || (at === rangAt && this.keyOf(slot) < key)
    })
  }

  #search(isBefore: (slot: number) => boolean): number {
    let [low, high] = [0, this.order.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isBefore(this.order[middle] as number)) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Brings the order up to date: what is new comes late in it as a rule, so that no more than its end is gone through. */
  settle(): void {
    if (this.#moved.size === 0 && this.#gone.size === 0) return
    const added = Int32Array.from(this.#moved).sort((one, other) => this.#compare(one, other))
    const isMostlyNew = added.length > this.order.length
    if (this.#gone.size > 0) this.order = this.#withoutGone()
    this.order = this.#merged(added)
    for (const slot of this.#gone) if (this.#keys[slot] === null) this.#free.push(slot)
    this.#gone.clear()
    this.#moved = new Set()
    if (isMostlyNew) this.#arrange()
    else if (this.touches.size > 2 * this.#touchesInUse + roomAtFirst) this.#arrangeTouches()
  }

  #arrangeTouches(): void {
    const { touches, touchCount } = this.columns
    this.touches = this.touches.arranged(touches, touchCount, this.#keys.length)
  }

  #withoutGone(): Int32Array<ArrayBuffer> {
    return this.order.filter(slot => !this.#gone.has(slot))
  }

  #merged(added: Int32Array): Int32Array<ArrayBuffer> {
    const first = added[0]
    if (first === undefined) return this.order
    const size = this.order.length + added.length
    const from = this.#search(slot => this.#compare(slot, first) < 0)
    const after = this.order.slice(from)
    const order = this.#withRoom(size)
    let [place, next] = [from, 0]
    for (const slot of after) {
      for (; next < added.length && this.#compare(added[next] as number, slot) < 0; next++)
        order[place++] = added[next] as number
      order[place++] = slot
    }
    for (; next < added.length; next++) order[place++] = added[next] as number
    return order
  }

  /** The order with as many places, in the same memory where that has them. */
  #withRoom(size: number): Int32Array<ArrayBuffer> {
    const { buffer, byteOffset } = this.order
    if (buffer.byteLength - byteOffset >= 4 * size) return new Int32Array(buffer, byteOffset, size)
    const order = new Int32Array(Math.max(roomAtFirst, 2 * size))
    order.set(this.order)
    return order.subarray(0, size)
  }

  /** Gives slots anew in the order, so that whoever goes through many calls goes through memory from front to end. */
  #arrange(): void {
    this.columns = arranged(this.columns, this.order)
    this.#keys = Array.from(this.order, slot => this.#keys[slot] as string)
    this.#slots = new Map(this.#keys.map((key, slot) => [key as string, slot]))
    this.#free = []
    this.#arrangeTouches()
    this.order.forEach((_, place, order) => {
      order[place] = place
    })
  }

  #compare(one: number, other: number): number {
    const { rangAt } = this.columns
    const apart = (rangAt[one] as number) - (rangAt[other] as number)
    if (apart !== 0) return apart
    return this.keyOf(one) < this.keyOf(other) ? -1 : 1
  }

  #newSlot(key: string): number {
    const slot = this.#free.pop() ?? this.#keys.length
    this.#slots.set(key, slot)
    this.#keys[slot] = key
    if (slot >= this.columns.rangAt.length) this.columns = grown(this.columns, 2 * this.columns.rangAt.length)
    return slot
  }

  #write(slot: number, record: CallRecord, isRestricted: boolean): void {
    const { columns, sources } = this
    const { match, b, carrier } = record
    columns.rangAt[slot] = record.rangAt
    columns.heardAt[slot] = record.heard.reduce((latest, { at }) => Math.max(latest, at), 0)
    columns.talkMs[slot] = record.talkMs ?? none
    columns.kind[slot] = matchKinds.indexOf(match.kind)
    columns.outcome[slot] = outcomeNames.indexOf(record.outcome)
    columns.flags[slot] = flagsOf(record, isRestricted)
    columns.confidence[slot] = match.confidence
    columns.source[slot] = match.source === null ? none : sources.idOf(match.source)
    columns.b[slot] = this.numbers.idOf(b, b)
    columns.carrier[slot] = this.carriers.idOf(carrier, carrier)
    columns.session[slot] = hashOf(match.session)
    columns.visitor[slot] = hashOf(match.visitor)
    columns.caller[slot] = hashOf(record.a)
    const touches = pathOf(record).map(({ at, source }) => ({ at, source: sources.idOf(source) }))
    const hasRoom = touches.length <= (columns.touchCount[slot] as number)
    columns.touches[slot] = this.touches.put(touches, hasRoom ? (columns.touches[slot] as number) : null)
    this.#touchesInUse += touches.length - (columns.touchCount[slot] as number)
    columns.touchCount[slot] = touches.length
  }
}

function flagsOf({ qualified, firstTime }: CallRecord, isRestricted: boolean): number {
  return (
    (qualified ? flag.qualified : 0) |
    (firstTime === true ? flag.firstTime : 0) |
    (firstTime === null ? 0 : flag.firstTimeKnown) |
    (isRestricted ? flag.restricted : 0)
  )
}
