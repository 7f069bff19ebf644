import { isErased } from './erasures.ts'
import { findableAs } from './findable.ts'
import type { KeptEvent, Place } from './history.ts'
import type { Partition } from './partition.ts'

/** An event that nobody's erasure has taken out of use. */
export function shownEvent(
  { store, erasures }: Pick<Partition, 'store' | 'erasures'>,
  tenant: string,
  place: Place,
): KeptEvent | null {
  const event = store.event(tenant, place)
  if (event === null) return null
  const names = findableAs(event.clear, event.session)
  return isErased(erasures, tenant, names, place.sequence) ? null : event
}
