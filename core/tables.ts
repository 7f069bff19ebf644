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

  clear(): void {
    for (const key of this.#rows.keys()) this.#changed.add(key)
    this.#rows.clear()
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

  takeChanges(): Map<string, Row | undefined> {
    const changes = new Map<string, Row | undefined>()
    for (const [tenant, table] of this.#tables)
      for (const [key, row] of table.takeChanges()) changes.set(`${tenant} ${key}`, row)
    return changes
  }
}
