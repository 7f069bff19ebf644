/** Values by key, of which a key may have several. Most keys have one, so that most take no set of their own. */
export class Several<Value> {
  readonly #kept = new Map<string, Value | Set<Value>>()

  add(key: string, value: Value): void {
    const kept = this.#kept.get(key)
    if (kept === undefined) this.#kept.set(key, value)
    else if (kept instanceof Set) kept.add(value)
    else if (kept !== value) this.#kept.set(key, new Set([kept, value]))
  }

  remove(key: string, value: Value): void {
    const kept = this.#kept.get(key)
    if (kept === value) this.#kept.delete(key)
    else if (kept instanceof Set && kept.delete(value) && kept.size === 0) this.#kept.delete(key)
  }

  /** A copy: what is done with them may change who is kept. */
  of(key: string): Value[] {
    const kept = this.#kept.get(key)
    if (kept === undefined) return []
    return kept instanceof Set ? [...kept] : [kept]
  }

  keys(): IterableIterator<string> {
    return this.#kept.keys()
  }
}
