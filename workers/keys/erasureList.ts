import { randomBytes } from 'node:crypto'
import { secretKey, unwrap, wrap } from '../../config/keyWrap.ts'
import { pack, unpack } from '../../config/pack.ts'
import { after, commit, type Ground, type Key, rowsOf } from './ground.ts'

/**
 * Erasures that were asked for, by name, to be done again on anything that is restored. The list is the last to know the
 * names, so each entry has a key of its own in the vault and ends with it.
 */

export type Erasure = {
  readonly tenant: string
  readonly request: string
  readonly names: readonly string[]
  readonly atMs: number
}
/** With what its receipt said last (`keepGiven`); left out: nothing yet. */
export type NotedErasure = Erasure & { readonly given?: Buffer }
type Noted = { readonly slot: number; readonly atMs: number; readonly sealed: Uint8Array }

const keyBytes = 32
const nonceBytes = 12

/** Noted once; what a request said first stands. */
export async function noteErasure(ground: Ground, { tenant, request, names, atMs }: Erasure): Promise<void> {
  const row = ['erasure', tenant, request]
  if (ground.root.doesExist(row)) return
  const key = randomBytes(keyBytes)
  const slot = ground.vault.allocate()
  ground.vault.write(slot, key)
  const sealed = wrap(pack(names), secretKey(key), randomBytes(nonceBytes), boundTo(tenant, request))
  key.fill(0)
  ground.lastMs = Math.max(ground.lastMs, atMs)
  const noted: Noted = { slot, atMs, sealed }
  await commit(ground, {
    work: changes => {
      changes.put(row, pack(noted))
      changes.put(['meta', 'lastMs'], pack(ground.lastMs))
    },
  })
}

const boundTo = (tenant: string, request: string) => Buffer.from(`erasure ${tenant}\0${request}`)

/** What its receipt says by now, of nobody by name. It ends with the erasure, so only one that is noted has it. */
export async function keepGiven(
  ground: Ground,
  { tenant, request }: Pick<Erasure, 'tenant' | 'request'>,
  bytes: Buffer,
): Promise<void> {
  if (!ground.root.doesExist(['erasure', tenant, request])) return
  await commit(ground, { work: changes => changes.put(['given', tenant, request], bytes) })
}

/** All that are remembered. Throws where one does not open: nothing may be served that it may have been about. */
export function notedErasures(ground: Ground): NotedErasure[] {
  return [...rowsOf(ground, 'erasure')].map(({ key, value }) => {
    const [tenant, request] = [String(key[1]), String(key[2])]
    const { slot, atMs, sealed } = unpack(value) as Noted
    const secret = ground.vault.read(slot)
    const names = secret && unwrap(sealed, secretKey(secret), boundTo(tenant, request))
    if (!names) throw new Error(`An erasure noted in ${ground.directory} does not open.`)
    const given = ground.root.get(['given', tenant, request])
    return { tenant, request, names: unpack(names) as string[], atMs, ...(given && { given }) }
  })
}

/**
 * Forgets erasures, facts, and ids of destroyed keys, from before a time that no log and no backup reaches back to. Looks at so many
 * at most, and the next call goes on there: of a year there are millions. How far it has forgotten stays, because a store
 * that is older than that must not be put back.
 */
export async function forgetErasures(
  ground: Ground,
  beforeMs: number,
  most: number,
): Promise<{ requests: number; ids: number }> {
  const rows = nextRows(ground, most)
  const requests = rows.filter(({ key, value }) => key[0] === 'erasure' && noted(value).atMs < beforeMs)
  const facts = rows.filter(({ key, value }) => key[0] === 'fact' && noted(value).atMs < beforeMs)
  const ids = rows.filter(({ key, value }) => key[0] === 'gone' && (unpack(value) as number) < beforeMs)
  const sealed = [...requests, ...facts]
  if (sealed.length + ids.length === 0) return { requests: 0, ids: 0 }
  await commit(ground, {
    work: changes => {
      for (const { key } of [...sealed, ...ids]) changes.remove(key)
      for (const { key } of requests) changes.remove(['given', ...key.slice(1)])
      changes.put(['meta', 'forgottenMs'], pack(Math.max(beforeMs, forgottenMs(ground))))
    },
    done: () => {
      ground.gone -= ids.length
    },
    retired: sealed.map(({ value }) => noted(value).slot),
  })
  return { requests: requests.length, ids: ids.length }
}

/** Log time; nothing from before it is remembered any more. 0: everything is. */
export function forgottenMs({ root }: Ground): number {
  const bytes = root.get(['meta', 'forgottenMs'])
  return bytes === undefined ? 0 : (unpack(bytes) as number)
}

const noted = (value: Buffer) => unpack(value) as Noted

/** Of all kinds, in the order of their keys; after the last it begins anew. */
function nextRows(ground: Ground, most: number): { key: Key; value: Buffer }[] {
  const start: Key = ground.lookedAt === null ? ['erasure'] : [...ground.lookedAt, '']
  const rows = [...ground.root.getRange({ start, end: ['gone', after], limit: most })]
  ground.lookedAt = rows.length < most ? null : (rows.at(-1)?.key ?? null)
  return rows
}
