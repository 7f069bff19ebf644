/**
 * What comes due when. Each key has one entry, filed under an estimate that is never later than the truth: renewing costs
 * nothing, and an entry is filed anew only when its old time comes up. The earliest key by (time, key) is a function of
 * the state alone, not of how the queue came to be.
 */
export class LazyQueue {
  readonly #times: number[] = []
  readonly #keys: string[] = []
  readonly #filed = new Set<string>()

  get size(): number {
    return this.#keys.length
  }

  /** Files a key. A key that is filed already keeps its entry, which is early enough. */
  file(key: string, at: number): void {
    if (this.#filed.has(key)) return
    this.#filed.add(key)
    this.#times.push(at)
    this.#keys.push(key)
    this.#rise(this.#keys.length - 1)
  }

  /** Files a key a second time, earlier than before: its time has moved forward. */
  hasten(key: string, at: number): void {
    this.#filed.delete(key)
    this.file(key, at)
  }

  /**
   * The earliest key and its true time, or null when empty. `truth` gives a key's true time, or null for a key that is
   * no longer wanted; stale entries on the way are filed anew.
   */
  first(truth: (key: string) => number | null): { readonly key: string; readonly at: number } | null {
    for (;;) {
      const key = this.#keys[0]
      const filedAt = this.#times[0]
      if (key === undefined || filedAt === undefined) return null
      const at = truth(key)
      if (at === filedAt) return { key, at }
      this.#removeFirst()
      if (at !== null) this.file(key, at)
    }
  }

  /** Takes out the entry that `first` gave. */
  removeFirst(): void {
    this.#removeFirst()
  }

  #removeFirst(): void {
    const key = this.#keys[0]
    if (key === undefined) return
    this.#filed.delete(key)
    const lastTime = this.#times.pop() as number
    const lastKey = this.#keys.pop() as string
    if (this.#keys.length === 0) return
    this.#times[0] = lastTime
    this.#keys[0] = lastKey
    this.#sink()
  }

  #before(a: number, b: number): boolean {
    const timeA = this.#times[a] as number
    const timeB = this.#times[b] as number
    if (timeA !== timeB) return timeA < timeB
    return (this.#keys[a] as string) < (this.#keys[b] as string)
  }

  #swap(a: number, b: number): void {
    const time = this.#times[a] as number
    const key = this.#keys[a] as string
    this.#times[a] = this.#times[b] as number
    this.#keys[a] = this.#keys[b] as string
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
