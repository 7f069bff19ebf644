/** Values that come again and again, by number: a column holds four bytes for each. */
export class Interned<Value> {
  readonly #ids = new Map<string, number>()
  readonly #values: Value[] = []

  /** `name` stands for the value: equal values have equal names. */
  idOf(name: string, value: Value): number {
    const known = this.#ids.get(name)
    if (known !== undefined) return known
    const id = this.#values.length
    this.#ids.set(name, id)
    this.#values.push(value)
    return id
  }

  /** -1: nobody has it. */
  find(name: string): number {
    return this.#ids.get(name) ?? none
  }

  at(id: number): Value {
    return this.#values[id] as Value
  }

  get size(): number {
    return this.#values.length
  }
}

/** Where a column has no value. */
export const none = -1
