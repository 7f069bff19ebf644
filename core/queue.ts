/**
 * What comes due when. A key is filed under an estimate that is never later than the truth: what moves its time on costs
 * nothing, and it is filed anew only when its old time comes up. What moves its time forward has to file it again. The
 * earliest key by (time, key) is a function of the state alone, not of how the queue came to be.
 */
export class LazyQueue<Key extends string | number> {
  readonly #times: number[] = []
  readonly #keys: Key[] = []
  /** The time of a key's valid entry; an entry with another time is a left-over. */
  readonly #filed = new Map<Key, number>()

  /** Files a key. One that is filed already keeps its entry if that is early enough. */
  file(key: Key, at: number): void {
    const filedAt = this.#filed.get(key)
    if (filedAt !== undefined && filedAt <= at) return
    this.#filed.set(key, at)
    this.#times.push(at)
    this.#keys.push(key)
    this.#rise(this.#keys.length - 1)
  }

  /**
   * The earliest key and its true time, or null when empty. `truth` gives a key's true time, or null for a key that is
   * no longer wanted; stale entries on the way are filed anew.
   */
  first(truth: (key: Key) => number | null): { readonly key: Key; readonly at: number } | null {
    for (;;) {
      const key = this.#keys[0]
      const filedAt = this.#times[0]
      if (key === undefined || filedAt === undefined) return null
      if (this.#filed.get(key) !== filedAt) {
        this.#removeFirst()
        continue
      }
      const at = truth(key)
      if (at === filedAt) return { key, at }
      this.#drop(key)
      if (at !== null) this.file(key, at)
    }
  }

  /** The keys that are due, earliest first, at most so many. They stay filed until their truth is another one. */
  due(until: number, most: number, truth: (key: Key) => number | null): Key[] {
    const found: { readonly key: Key; readonly at: number }[] = []
    while (found.length < most) {
      const first = this.first(truth)
      if (first === null || first.at > until) break
      found.push(first)
      this.#drop(first.key)
    }
    for (const { key, at } of found) this.file(key, at)
    return found.map(({ key }) => key)
  }

  #drop(key: Key): void {
    this.#filed.delete(key)
    this.#removeFirst()
  }

  #removeFirst(): void {
    const lastTime = this.#times.pop() as number
    const lastKey = this.#keys.pop() as Key
    if (this.#keys.length === 0) return
    this.#times[0] = lastTime
    this.#keys[0] = lastKey
    this.#sink()
  }

  #before(a: number, b: number): boolean {
    const timeA = this.#times[a] as number
    const timeB = this.#times[b] as number
    if (timeA !== timeB) return timeA < timeB
    return (this.#keys[a] as Key) < (this.#keys[b] as Key)
  }

  #swap(a: number, b: number): void {
    const time = this.#times[a] as number
    const key = this.#keys[a] as Key
    this.#times[a] = this.#times[b] as number
    this.#keys[a] = this.#keys[b] as Key
    this.#times[b] = time
    this.#keys[b] = key
  }

  #rise(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #sink(): void {
    let at = 0
    for (;;) {
      const left = at * 2 + 1
      if (left >= this.#keys.length) return
      const right = left + 1
      const least = right < this.#keys.length && this.#before(right, left) ? right : left
      if (!this.#before(least, at)) return
      this.#swap(at, least)
      at = least
    }
  }
}
