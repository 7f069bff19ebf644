/** Touches of all calls one after the other: a call knows where its own begin. One that gets more leaves its room behind. */
export class TouchList {
  #at = new Float64Array(1_024)
  #source = new Int32Array(1_024)
  #size = 0

  /** Where they begin: at `place`, in the room of others that are no more, or at the end. */
  put(touches: readonly { readonly at: number; readonly source: number }[], place: number | null): number {
    const begin = place ?? this.#size
    const end = begin + touches.length
    if (end > this.#at.length) this.#grow(end)
    this.#size = Math.max(this.#size, end)
    for (const [index, { at, source }] of touches.entries()) {
      this.#at[begin + index] = at
      this.#source[begin + index] = source
    }
    return begin
  }

  atOf(place: number): number {
    return this.#at[place] as number
  }

  sourceOf(place: number): number {
    return this.#source[place] as number
  }

  #grow(least: number): void {
    const room = Math.max(least, 2 * this.#at.length)
    const [at, source] = [new Float64Array(room), new Int32Array(room)]
    at.set(this.#at)
    source.set(this.#source)
    this.#at = at
    this.#source = source
  }
}
