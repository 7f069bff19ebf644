/**
 * A map that remembers what changed, so that a store can write exactly that. Values are plain data and may be changed
 * in place, followed by `touch`.
 */
export class Table<V> {
  readonly #rows = new Map<string, V>()
  #changed = new Set<string>()

  get(key: string): V | undefined {
    return this.#rows.get(key)
  }

  set(key: string, value: V): void {
    this.#rows.set(key, value)
    this.#changed.add(key)
  }

  /** Says that the value of this key was changed in place. */
  touch(key: string): void {
    this.#changed.add(key)
  }

  delete(key: string): void {
    if (this.#rows.delete(key)) this.#changed.add(key)
  }

  /** Puts a row back that the store already has: it does not count as a change. */
  restore(key: string, value: V): void {
    this.#rows.set(key, value)
  }

  has(key: string): boolean {
    return this.#rows.has(key)
  }

  get size(): number {
    return this.#rows.size
  }

  entries(): MapIterator<[string, V]> {
    return this.#rows.entries()
  }

  /** What changed since the last call: key → its value now, undefined where it is gone. */
  takeChanges(): Map<string, V | undefined> {
    const changes = new Map<string, V | undefined>()
    for (const key of this.#changed) changes.set(key, this.#rows.get(key))
    this.#changed = new Set()
    return changes
  }
}
