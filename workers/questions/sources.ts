import type { Source } from '../../core/policy.ts'
import { type Dimension, dimensions, partsOf } from '../../core/shownCall.ts'
import { isDirect } from '../../core/touches.ts'
import { Interned, none } from './interned.ts'

/** Sources by number, and for each dimension the values that they have, by number too. */
export class Sources {
  readonly #sources = new Interned<Source>()
  /** For each dimension: by a source's number that of its value. */
  readonly #parts: readonly number[][] = dimensions.map(() => [])
  readonly #direct: boolean[] = []
  readonly #values = dimensions.map(() => new Interned<string>())

  idOf(source: Source): number {
    const parts = partsOf(source)
    const id = this.#sources.idOf(nameOf(parts), source)
    if (id < this.#direct.length) return id
    this.#direct.push(isDirect(source))
    for (const [place, dimension] of dimensions.entries()) {
      const ofDimension = this.#parts[place] as number[]
      const value = parts[dimension]
      ofDimension.push(value === null ? none : (this.#values[place] as Interned<string>).idOf(value, value))
    }
    return id
  }

  get size(): number {
    return this.#sources.size
  }

  /** By a source's number that of its value of a dimension. */
  partsOf(dimension: Dimension): readonly number[] {
    return this.#parts[dimensions.indexOf(dimension)] as number[]
  }

  /** How many values a dimension has. */
  sizeOf(dimension: Dimension): number {
    return this.#of(dimension).size
  }

  valueOf(dimension: Dimension, id: number): string | null {
    return id === none ? null : this.#of(dimension).at(id)
  }

  /** For each source whether it has these values; an empty text stands for none. */
  having(wanted: Readonly<Partial<Record<Dimension, string>>>): Uint8Array {
    const has = new Uint8Array(this.size).fill(1)
    for (const [name, value] of Object.entries(wanted)) {
      const dimension = name as Dimension
      const id = value === '' ? none : this.#of(dimension).find(value)
      const parts = this.partsOf(dimension)
      const isThere = value === '' || id !== none
      for (let source = 0; source < has.length; source++)
        if (!isThere || parts[source] !== id) has[source] = 0
    }
    return has
  }

  isDirect(id: number): boolean {
    return this.#direct[id] as boolean
  }

  #of(dimension: Dimension): Interned<string> {
    return this.#values[dimensions.indexOf(dimension)] as Interned<string>
  }
}

function nameOf(parts: Readonly<Record<Dimension, string | null>>): string {
  return JSON.stringify(dimensions.map(dimension => parts[dimension]))
}
