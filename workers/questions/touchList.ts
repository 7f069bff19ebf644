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

  /** The same for so many calls one after the other, without the room that others left. `places` become the new ones. */
  arranged(places: Int32Array, counts: Uint8Array, calls: number): TouchList {
    const anew = new TouchList()
    for (let call = 0; call < calls; call++) {
      const begin = places[call] as number
      const count = counts[call] as number
      places[call] = anew.#size
      if (anew.#size + count > anew.#at.length) anew.#grow(anew.#size + count)
      for (let index = 0; index < count; index++) {
        anew.#at[anew.#size] = this.#at[begin + index] as number
        anew.#source[anew.#size] = this.#source[begin + index] as number
        anew.#size += 1
      }
    }
    return anew
  }

  /** How many there is room taken for. */
  get size(): number {
    return this.#size
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
