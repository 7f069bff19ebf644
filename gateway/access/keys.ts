import { LRUCache } from 'lru-cache'
import type { AccessKey, KeyAndUse, Scope } from '../../core/access.ts'
import { limits } from '../../core/limits.ts'
import type { ProblemCode } from '../../core/problems.ts'
import type { PartitionStatus } from '../../core/wire/control.ts'
import type { Note } from '../../core/wire/note.ts'
import type { Noting, Place } from '../noting.ts'
import { processorsPlace } from '../noting.ts'
import { NoAnswer, type Owners } from '../owners.ts'
import { partitionOfTenant } from '../../config/partitions.ts'

/**
 * API keys as a gateway knows them: the owner of their tenant's partition has the records, and what it said holds for half
 * a second. So a key that is revoked anywhere is refused everywhere within a second.
 */
export type Keys = ReturnType<typeof createKeys>

export type KeysSetup = {
  readonly owners: Pick<Owners, 'ask' | 'tell' | 'statuses'>
  readonly noting: Noting
  readonly partitions: number
  readonly clock: () => number
}

type Known = { readonly key: AccessKey | null }

export function createKeys({ owners, noting, partitions, clock }: KeysSetup) {
  const known = new LRUCache<string, Promise<Known>>({
    max: limits.accessKeysKnownMax,
    ttl: limits.accessKeyKnownMs,
  })
  const uses = createUses(owners, partitions, clock)
  let exist = false
  const ask = async (tenant: string | null, id: string): Promise<Known> => {
    const place = placeOf(tenant, partitions)
    const reply = await owners.ask(place.partition, { kind: 'access-key', tenant: place.tenant, id })
    if (reply.kind !== 'access-key' || !reply.whole) throw new NoAnswer('no owner has all keys')
    return { key: reply.key }
  }
  return {
    /** The record of a key, or null: there is none. Rejects where the owner does not answer. */
    find: async (tenant: string | null, id: string): Promise<AccessKey | null> => {
      const name = nameOf(tenant, id)
      const asked = known.get(name) ?? ask(tenant, id)
      if (!known.has(name)) known.set(name, asked)
      try {
        return (await asked).key
      } catch (error) {
        known.delete(name)
        throw error
      }
    },
    list: async (tenant: string | null): Promise<readonly KeyAndUse[]> => {
      const place = placeOf(tenant, partitions)
      const reply = await owners.ask(place.partition, { kind: 'access-keys', tenant: place.tenant })
      if (reply.kind !== 'access-keys' || !reply.whole) throw new NoAnswer('no owner has all keys')
      return reply.keys
    },
    /** Puts a record that was made or changed into the log; null: it is in force. */
    save: async (key: AccessKey, note: Note): Promise<ProblemCode | null> => {
      const problem = await noting(placeOf(key.tenant, partitions), note, key)
      known.delete(nameOf(key.tenant, key.id))
      exist ||= problem === null
      return problem
    },
    used: uses.used,
    /** Whether a key was ever made for anybody. Rejects where that cannot be known, because an owner does not answer. */
    exist: async (): Promise<boolean> => {
      if (exist) return true
      const statuses = await owners.statuses(partitions)
      exist = statuses.some(status => status?.hasKeys === true)
      if (!exist && !statuses.every(isWhole)) throw new NoAnswer('an owner does not answer, or not yet')
      return exist
    },
  }
}

export function placeOf(tenant: string | null, partitions: number): Place {
  return tenant === null ? processorsPlace : { tenant, partition: partitionOfTenant(tenant, 0, partitions) }
}

function isWhole(status: PartitionStatus | null): boolean {
  return status !== null && (status.current || status.stopped !== null)
}

function nameOf(tenant: string | null, id: string): string {
  return `${tenant ?? ''}/${id}`
}

type Use = { toldAt: number; readonly scopes: Set<Scope> }

/** Counts here when a key was used and for what, and tells its owner at most once a minute. */
function createUses(owners: Pick<Owners, 'tell'>, partitions: number, clock: () => number) {
  const uses = new LRUCache<string, Use>({ max: limits.accessKeysKnownMax })
  return {
    used: ({ tenant, id }: AccessKey, scope: Scope) => {
      const now = clock()
      const use = uses.get(nameOf(tenant, id)) ?? { toldAt: Number.NEGATIVE_INFINITY, scopes: new Set() }
      uses.set(nameOf(tenant, id), use)
      use.scopes.add(scope)
      if (now - use.toldAt < limits.accessUseToldMs) return
      use.toldAt = now
      const place = placeOf(tenant, partitions)
      const scopes = [...use.scopes]
      owners.tell(place.partition, { kind: 'access-used', tenant: place.tenant, id, lastAt: now, scopes })
    },
  }
}
