import { pack, unpack } from '../config/pack.ts'
import { type Breach, breachAfter, unnotifiedMs } from '../core/breach.ts'
import { limits } from '../core/limits.ts'
import type { Applied } from './group.ts'
import type { Store } from './store.ts'

/**
 * Breaches of a partition's tenants (the processor's own in partition 0), as their notes make them: in memory when the
 * entry is applied, in the store with the commit that holds it.
 */
export type BreachRow = { readonly tenant: string; readonly id: string; readonly bytes: Buffer | null }

export type Breaches = { readonly all: Map<string, Breach>; changed: Map<string, BreachRow> }

export function loadBreaches(store: Pick<Store, 'breaches'>): Breaches {
  const all = new Map<string, Breach>()
  for (const { tenant, id, bytes } of store.breaches()) all.set(nameOf(tenant, id), unpack(bytes) as Breach)
  return { all, changed: new Map() }
}

export function hearBreaches(breaches: Breaches, applied: readonly Applied[], at: number): void {
  for (const { event, outcomes } of applied) {
    const { note } = event
    if (note === undefined || note.request === null || !note.action.startsWith('breach-')) continue
    for (const outcome of outcomes) {
      if (outcome.kind !== 'noted') continue
      const name = nameOf(outcome.tenant, note.request)
      const known = breaches.all.get(name) ?? null
      const breach = breachAfter(known, outcome.tenant, note, at)
      if (breach !== null && breach !== known) put(breaches, name, breach)
    }
  }
}

function put(breaches: Breaches, name: string, breach: Breach): void {
  const { tenant, id } = breach
  breaches.all.set(name, breach)
  breaches.changed.set(name, { tenant, id, bytes: pack(breach) })
  // One's own: however many somebody opens, nobody else's clock is forgotten. What became of it is in the audit chain.
  const own = breachesOf(breaches, tenant)
  if (own.length <= limits.breachesPerTenantMax) return
  const oldest = own.reduce((first, one) => (one.openedAt < first.openedAt ? one : first))
  const place = nameOf(tenant, oldest.id)
  breaches.all.delete(place)
  breaches.changed.set(place, { tenant, id: oldest.id, bytes: null })
}

/** What changed since this was last asked, for the commit that moves the position past it. */
export function takeBreachRows(breaches: Breaches): BreachRow[] {
  const rows = [...breaches.changed.values()]
  breaches.changed = new Map()
  return rows
}

export function breachesOf({ all }: Breaches, tenant: string): Breach[] {
  return [...all.values()].filter(breach => breach.tenant === tenant)
}

/** For how long the oldest breach is known of which no controller was told. */
export function breachClockMs({ all }: Breaches, now: number): number {
  return Math.max(0, ...[...all.values()].map(breach => unnotifiedMs(breach, now)))
}

function nameOf(tenant: string, id: string): string {
  return `${tenant}/${id}`
}
