import type { Input } from '../core/input.ts'
import { namesAnybody } from '../core/subjects.ts'
import { namesOf, subjectsNamed } from '../core/subjectNames.ts'
import { isErased } from './erasures.ts'
import type { Place } from './history.ts'
import type { Partition } from './partition.ts'

/**
 * Under which handles nothing is held: whoever asks for something is told, because a handle with a slip in it names nobody,
 * and what is done for nobody looks as if it had been done.
 */

type Kept = Pick<Partition, 'state' | 'store' | 'erasures'>

/** Those of the names under which nothing is held, in memory or in the history. */
export function unheldOf(kept: Kept, tenant: string, names: readonly string[]): string[] {
  return names.filter(name => !isHeld(kept, tenant, name))
}

/** How many of those whom an erasure names that is; to be asked before it is applied. */
export function unheldBefore(kept: Kept, clear: Input): number | undefined {
  if (clear.kind !== 'subject-erased') return undefined
  return unheldOf(kept, clear.tenant, namesOf(clear)).length
}

const placesAtOnce = 128

function isHeld({ state, store, erasures }: Kept, tenant: string, name: string): boolean {
  const index = state.tenants.get(tenant)
  if (index !== undefined && namesAnybody(index, subjectsNamed([name]))) return true
  // Rows of somebody who was erased may leave a little later.
  let after: Place | null = null
  for (;;) {
    const places: readonly Place[] = store.find(tenant, name, after, placesAtOnce)
    if (places.some(({ sequence }) => !isErased(erasures, tenant, [name], sequence))) return true
    if (places.length < placesAtOnce) return false
    after = places.at(-1) ?? null
  }
}
