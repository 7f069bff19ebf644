import { placeOf } from '../access/keys.ts'
import type { Place } from '../noting.ts'
import { NoAnswer, type Owners } from '../owners.ts'

/** Tenants whose contract ended: no configuration has them any more, the owners of their partitions know that they were. */
export type EndedTenants = {
  /** null: no contract of such a tenant ended. Rejects where the owner does not answer. */
  placeOf(tenant: string): Promise<Place | null>
  /** Of all partitions, by name. Rejects where an owner does not answer. */
  all(): Promise<readonly string[]>
}

type Asked = Pick<Owners, 'ask'>

export function createEndedTenants(owners: Asked, partitions: number): EndedTenants {
  return {
    placeOf: async tenant => {
      const place = placeOf(tenant, partitions)
      return (await hasEnded(owners, place)) ? place : null
    },
    all: async () => {
      const asked = Array.from({ length: partitions }, (_, partition) => ask(owners, partition, null))
      return (await Promise.all(asked)).flat().sort()
    },
  }
}

/** Rejects where the owner does not answer. */
export async function hasEnded(owners: Asked, { tenant, partition }: Place): Promise<boolean> {
  return (await ask(owners, partition, tenant)).includes(tenant)
}

async function ask(owners: Asked, partition: number, only: string | null): Promise<readonly string[]> {
  const reply = await owners.ask(partition, { kind: 'ended-tenants', only })
  if (reply.kind !== 'ended-tenants' || !reply.current) throw new NoAnswer('no owner knows the whole log')
  return reply.tenants
}
