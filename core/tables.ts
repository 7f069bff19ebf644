/** A map of plain records that remembers which of them changed, so that a store can write exactly those. */
export class Table<Row> {
  readonly #rows = new Map<string, Row>()
  #changed = new Set<string>()

  get(key: string): Row | undefined {
    return this.#rows.get(key)
  }

  has(key: string): boolean {
    return this.#rows.has(key)
  }

  set(key: string, row: Row): void {
    this.#rows.set(key, row)
    this.#changed.add(key)
  }

  /** Says that a record was changed in place. */
  touch(key: string): void {
    this.#changed.add(key)
  }

  delete(key: string): void {
    if (this.#rows.delete(key)) this.#changed.add(key)
  }

  /** Puts a record that the store already has. */
  restore(key: string, row: Row): void {
    this.#rows.set(key, row)
  }

  get size(): number {
    return this.#rows.size
  }

  entries(): IterableIterator<[string, Row]> {
    return this.#rows.entries()
  }

  /** What changed since this was last asked; undefined: deleted. */
  takeChanges(): Map<string, Row | undefined> {
    const changes = new Map<string, Row | undefined>()
    for (const key of this.#changed) changes.set(key, this.#rows.get(key))
    this.#changed = new Set()
    return changes
  }
}
