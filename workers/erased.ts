import { Several } from '../core/several.ts'

/** Whose events nobody is shown any more, and up to which entry of the log, so that asking costs the same however many there are. */
export type Erased = {
  /** `names` empty: everybody of the tenant. `place` names the erasure. */
  add(place: string, whose: Whose, upTo: number): void
  remove(place: string): void
  has(tenant: string, names: readonly string[], sequence: number): boolean
}

type Whose = { readonly tenant: string; readonly names: readonly string[] }
type Reach = { readonly upTo: number }

/** No name is empty. */
const everybody = ''

export function createErased(): Erased {
  const reaches = new Several<Reach>()
  const byPlace = new Map<string, { readonly reach: Reach; readonly keys: readonly string[] }>()
  return {
    add: (place, { tenant, names }, upTo) => {
      const keys = (names.length === 0 ? [everybody] : names).map(name => keyOf(tenant, name))
      const reach = { upTo }
      byPlace.set(place, { reach, keys })
      for (const key of keys) reaches.add(key, reach)
    },
    remove: place => {
      const known = byPlace.get(place)
      byPlace.delete(place)
      for (const key of known?.keys ?? []) reaches.remove(key, known?.reach as Reach)
    },
    has: (tenant, names, sequence) => {
      const isReached = (name: string) => reaches.of(keyOf(tenant, name)).some(({ upTo }) => sequence <= upTo)
      return isReached(everybody) || names.some(isReached)
    },
  }
}

const keyOf = (tenant: string, name: string) => `${tenant}\0${name}`
