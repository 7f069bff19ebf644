import type { CallRecord } from './outcome.ts'
import type { PhoneNumber } from './words.ts'

/** How often numbers rang on one day of log time, and all of them together. */
export type RingsOfDay = { all: number; readonly byNumber: Map<PhoneNumber, number> }

export const dayMs = 86_400_000
export const dayOf = (at: number) => Math.floor(at / dayMs)

/** How often each number rang on which day, by the calls that are remembered. Derived from them, and never stored. */
export class Rings {
  readonly #days = new Map<number, RingsOfDay>()

  on(day: number): RingsOfDay | undefined {
    return this.#days.get(day)
  }

  /** A call is new, or is known otherwise, or is forgotten. */
  note(before: CallRecord | undefined, after: CallRecord | undefined): void {
    if (before !== undefined && after !== undefined && isSameRing(before, after)) return
    if (before !== undefined) this.#count(before, -1)
    if (after !== undefined) this.#count(after, 1)
  }

  #count(call: CallRecord, by: 1 | -1): void {
    if (!isCounted(call)) return
    const day = dayOf(call.rangAt)
    const rings = this.#days.get(day) ?? { all: 0, byNumber: new Map<PhoneNumber, number>() }
    const count = (rings.byNumber.get(call.b) ?? 0) + by
    rings.all += by
    if (count > 0) rings.byNumber.set(call.b, count)
    else rings.byNumber.delete(call.b)
    if (rings.all > 0) this.#days.set(day, rings)
    else this.#days.delete(day)
  }

  *entries(): IterableIterator<[day: number, all: number, byNumber: [PhoneNumber, number][]]> {
    for (const [day, { all, byNumber }] of this.#days) yield [day, all, [...byNumber].sort()]
  }
}

/** A number that is a source's own rings because of that, and says nothing of those that are lent. */
export function isCounted({ match }: CallRecord): boolean {
  return match.kind !== 'static'
}

function isSameRing(one: CallRecord, other: CallRecord): boolean {
  return one.b === other.b && one.rangAt === other.rangAt && isCounted(one) === isCounted(other)
}
