import type { Dimension } from '../../core/shownCall.ts'
import { none } from './interned.ts'
import type { Sources } from './sources.ts'

/** Of how many lists of dimensions the names are kept. */
const listsMost = 8

/**
 * For each source a number that stands for its values of some dimensions, the same for equal ones, beginning with 0. That of
 * no source is 0. What was worked out for one report is there for the next.
 */
export class GroupNames {
  readonly #sources: Sources
  readonly #lists = new Map<string, Names>()

  constructor(sources: Sources) {
    this.#sources = sources
  }

  /** By the number of a source plus one. */
  of(dimensions: readonly Dimension[]): readonly number[] {
    const list = dimensions.join(' ')
    const names = this.#lists.get(list) ?? newNames(dimensions)
    this.#lists.delete(list)
    this.#lists.set(list, names)
    if (this.#lists.size > listsMost) this.#lists.delete(this.#lists.keys().next().value as string)
    keepUp(names, this.#sources)
    return names.bySource
  }
}

type Names = {
  /** For each dimension: by the name of the values before it and its own, the name of all of them. */
  readonly steps: readonly { readonly dimension: Dimension; readonly names: Map<string, number> }[]
  readonly bySource: number[]
}

const newNames = (dimensions: readonly Dimension[]): Names => ({
  steps: dimensions.map(dimension => ({ dimension, names: new Map() })),
  bySource: [],
})

function keepUp({ steps, bySource }: Names, sources: Sources): void {
  const parts = steps.map(({ dimension, names }) => ({ ids: sources.partsOf(dimension), names }))
  for (let source = bySource.length - 1; source < sources.size; source++) {
    let name = 0
    for (const { ids, names } of parts) {
      const key = `${name} ${source < 0 ? none : (ids[source] as number)}`
      name = names.get(key) ?? names.size
      names.set(key, name)
    }
    bySource.push(name)
  }
}
