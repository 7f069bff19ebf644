/** A map of plain records that remembers which of them changed, so that a store can write exactly those. */
export class Table<Row> {
  #rows = new Map<string, Row>()
  #changed = new Set<string>()
  /** Of rows that were here when all went at once, those of which the store was not told. */
  #leaving: Iterator<string>[] = []
  #leavesAtOnce = false

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

  /** All rows go at once, however many there are; the store is told of some of them at a time. */
  clear(): void {
    if (this.#rows.size > 0) this.#leaving.push(this.#rows.keys())
    this.#rows = new Map()
  }

  /** Whether the store has not yet been told of all that went at once. */
  get isLeaving(): boolean {
    return this.#leaving.length > 0
  }

  /** Of what went at once the store is told at once too: what comes now must not be mixed up with it. */
  leaveAtOnce(): void {
    this.#leavesAtOnce = this.isLeaving
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

  keys(): IterableIterator<string> {
    return this.#rows.keys()
  }

  values(): IterableIterator<Row> {
    return this.#rows.values()
  }

  /** What changed since this was last asked; undefined: deleted. Of what went at once, as much as there is room for. */
  takeChanges(room: Room = { left: Number.POSITIVE_INFINITY }): Map<string, Row | undefined> {
    const changes = new Map<string, Row | undefined>()
    for (const key of this.#changed) changes.set(key, this.#rows.get(key))
    this.#changed = new Set()
    this.#leave(changes, this.#leavesAtOnce ? { left: Number.POSITIVE_INFINITY } : room)
    return changes
  }

  #leave(changes: Map<string, Row | undefined>, room: Room): void {
    for (const keys of [...this.#leaving]) {
      while (room.left > 0) {
        const { value: key, done } = keys.next()
        if (done) {
          this.#leaving.shift()
          break
        }
        room.left -= 1
        changes.set(key, this.#rows.get(key))
      }
    }
    this.#leavesAtOnce &&= this.isLeaving
  }
}

/** How much more of what went at once may be told. */
export type Room = { left: number }

/**
 * A table for each tenant, so that looking something up builds no key. For the store all of them are one table, whose
 * keys begin with the tenant: a tenant's id holds no space.
 */
export class TenantTable<Row> {
  readonly #tables = new Map<string, Table<Row>>()

  /** The tenant's own table: always the same one. */
  of(tenant: string): Table<Row> {
    const known = this.#tables.get(tenant)
    if (known !== undefined) return known
    const made = new Table<Row>()
    this.#tables.set(tenant, made)
    return made
  }

  restore(key: string, row: Row): void {
    const space = key.indexOf(' ')
    this.of(key.slice(0, space)).restore(key.slice(space + 1), row)
  }

  get size(): number {
    let size = 0
    for (const table of this.#tables.values()) size += table.size
    return size
  }

  *entries(): IterableIterator<[string, Row]> {
    for (const [tenant, table] of this.#tables)
      for (const [key, row] of table.entries()) yield [`${tenant} ${key}`, row]
  }

  tenants(): IterableIterator<string> {
    return this.#tables.keys()
  }

  get isLeaving(): boolean {
    for (const table of this.#tables.values()) if (table.isLeaving) return true
    return false
  }

  takeChanges(room?: Room): Map<string, Row | undefined> {
    const changes = new Map<string, Row | undefined>()
    for (const [tenant, table] of this.#tables)
      for (const [key, row] of table.takeChanges(room)) changes.set(`${tenant} ${key}`, row)
    return changes
  }
}
