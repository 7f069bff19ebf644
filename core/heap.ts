type Before = (a: string, b: string) => boolean

/**
 * Keys by time, the earliest first, with exactly one entry per key. Equal times are ordered by `before`, so that which
 * key is first depends on the entries alone and not on how they came in.
 */
export class Heap {
  readonly #keys: string[] = []
  readonly #times: number[] = []
  readonly #places = new Map<string, number>()
  readonly #before: Before

  constructor(before: Before = (a, b) => a < b) {
    this.#before = before
  }

  get size(): number {
    return this.#keys.length
  }

  has(key: string): boolean {
    return this.#places.has(key)
  }

  timeOf(key: string): number | undefined {
    const place = this.#places.get(key)
    return place === undefined ? undefined : this.#times[place]
  }

  keys(): string[] {
    return [...this.#keys]
  }

  /** The first key, or undefined where the heap is empty. */
  top(): string | undefined {
    return this.#keys[0]
  }

  /** Puts the key in, or moves it to another time. */
  set(key: string, time: number): void {
    const place = this.#places.get(key) ?? this.#keys.length
    this.#put(place, key, time)
    this.#sink(this.#rise(place))
  }

  delete(key: string): void {
    const place = this.#places.get(key)
    if (place === undefined) return
    this.#places.delete(key)
    const lastKey = this.#keys.pop() as string
    const lastTime = this.#times.pop() as number
    if (lastKey === key) return
    this.#put(place, lastKey, lastTime)
    this.#sink(this.#rise(place))
  }

  #put(place: number, key: string, time: number): void {
    this.#keys[place] = key
    this.#times[place] = time
    this.#places.set(key, place)
  }

  #rise(from: number): number {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#isBefore(place, parent)) break
      this.#swap(place, parent)
      place = parent
    }
    return place
  }

  #sink(from: number): void {
    let place = from
    for (;;) {
      let first = place
      for (const child of [2 * place + 1, 2 * place + 2]) {
        if (child < this.#keys.length && this.#isBefore(child, first)) first = child
      }
      if (first === place) return
      this.#swap(place, first)
      place = first
    }
  }

  #isBefore(a: number, b: number): boolean {
    const difference = (this.#times[a] as number) - (this.#times[b] as number)
    if (difference !== 0) return difference < 0
    return this.#before(this.#keys[a] as string, this.#keys[b] as string)
  }

  #swap(a: number, b: number): void {
    const key = this.#keys[a] as string
    const time = this.#times[a] as number
    this.#put(a, this.#keys[b] as string, this.#times[b] as number)
    this.#put(b, key, time)
  }
}

/** The real time of a key, where the heap only holds a bound below it. */
export type TimeOf = (key: string) => number

/**
 * The first key by its real time. Entries hold a bound below the real time, because signs of life move it on without
 * touching the heap; those met on the way are brought up to date, which changes no answer.
 */
export function settledTop(heap: Heap, timeOf: TimeOf): { key: string; time: number } | null {
  for (;;) {
    const key = heap.top()
    if (key === undefined) return null
    const time = timeOf(key)
    if (heap.timeOf(key) === time) return { key, time }
    heap.set(key, time)
  }
}

/** The first `most` keys whose real time has come, in order. The heap keeps them. */
export function firstDue(heap: Heap, timeOf: TimeOf, now: number, most: number): string[] {
  const due: { key: string; time: number }[] = []
  while (due.length < most) {
    const top = settledTop(heap, timeOf)
    if (top === null || top.time > now) break
    heap.delete(top.key)
    due.push(top)
  }
  for (const { key, time } of due) heap.set(key, time)
  return due.map(({ key }) => key)
}
