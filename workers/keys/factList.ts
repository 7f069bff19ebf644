import { randomBytes } from 'node:crypto'
import { secretKey, unwrap, wrap } from '../../config/keyWrap.ts'
import { pack, unpack } from '../../config/pack.ts'
import { commit, type Ground, rowsOf } from './ground.ts'

/**
 * What was decided and has to hold whatever data is put back: restrictions, API keys, breaches, as the entries of the log that
 * brought them. It may name people, so each has a key of its own in the vault and ends with it.
 */
export type Fact = {
  readonly tenant: string
  /** Says what it is: one that is heard again is the same. */
  readonly id: string
  readonly atMs: number
  readonly bytes: Uint8Array
}
/** `change`: which change of the key store noted it. Data says up to which change it has them. */
export type NotedFact = Fact & { readonly change: number }
type Row = {
  readonly slot: number
  readonly atMs: number
  readonly change: number
  /** Among those of the same change. */
  readonly place: number
  readonly sealed: Uint8Array
}

const keyBytes = 32
const nonceBytes = 12

/** Each is noted once. */
export async function noteFacts(ground: Ground, facts: readonly Fact[]): Promise<void> {
  const fresh = facts.filter(({ tenant, id }) => !ground.root.doesExist(['fact', tenant, id]))
  const sealed = fresh.map(fact => ({ fact, ...seal(ground, fact) }))
  await commit(ground, {
    work: changes => {
      const change = ground.seen.changes + 1
      for (const [place, { fact, slot, sealed: bytes }] of sealed.entries()) {
        const row: Row = { slot, atMs: fact.atMs, change, place, sealed: bytes }
        changes.put(['fact', fact.tenant, fact.id], pack(row))
      }
    },
  })
}

function seal({ vault }: Ground, { tenant, id, bytes }: Fact): Pick<Row, 'slot' | 'sealed'> {
  const key = randomBytes(keyBytes)
  const slot = vault.allocate()
  vault.write(slot, key)
  const sealed = wrap(Buffer.from(bytes), secretKey(key), randomBytes(nonceBytes), boundTo(tenant, id))
  key.fill(0)
  return { slot, sealed }
}

const boundTo = (tenant: string, id: string) => Buffer.from(`fact ${tenant}\0${id}`)

/** Those noted after a change, in the order in which they were, and how many do not open: an older version does not know them. */
export function factsAfter(ground: Ground, after: number): { facts: NotedFact[]; lost: number } {
  const rows = [...rowsOf(ground, 'fact')].map(({ key, value }) => ({
    ...{ tenant: String(key[1]), id: String(key[2]) },
    ...(unpack(value) as Row),
  }))
  const later = rows.filter(({ change }) => change > after)
  later.sort((a, b) => a.change - b.change || a.place - b.place)
  const facts = later.flatMap(({ tenant, id, atMs, change, slot, sealed }) => {
    const secret = ground.vault.read(slot)
    const bytes = secret && unwrap(sealed, secretKey(secret), boundTo(tenant, id))
    return bytes ? [{ tenant, id, atMs, change, bytes }] : []
  })
  return { facts, lost: later.length - facts.length }
}

/** Of a tenant that had ended by then: nobody is left of whom these could be said. */
export async function destroyFacts(
  ground: Ground,
  tenant: string,
  endedAtMs: number,
  isOfPeople: (id: string) => boolean,
): Promise<void> {
  const rows = [...rowsOf(ground, 'fact', tenant)].filter(
    ({ key, value }) => isOfPeople(String(key[2])) && (unpack(value) as Row).atMs <= endedAtMs,
  )
  if (rows.length === 0) return
  await commit(ground, {
    work: changes => {
      for (const { key } of rows) changes.remove(key)
    },
    retired: rows.map(({ value }) => (unpack(value) as Row).slot),
  })
}
