import { randomBytes } from 'node:crypto'
import { secretKey, unwrap, wrap } from '../../config/keyWrap.ts'
import { pack, unpack } from '../../config/pack.ts'
import { commit, type Ground, rowsOf } from './ground.ts'

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

/** All that are remembered. Throws where one does not open: nothing may be served that it may have been about. */
export function notedErasures(ground: Ground): Erasure[] {
  return [...rowsOf(ground, 'erasure')].map(({ key, value }) => {
    const [tenant, request] = [String(key[1]), String(key[2])]
    const { slot, atMs, sealed } = unpack(value) as Noted
    const secret = ground.vault.read(slot)
    const names = secret && unwrap(sealed, secretKey(secret), boundTo(tenant, request))
    if (!names) throw new Error(`An erasure noted in ${ground.directory} does not open.`)
    return { tenant, request, names: unpack(names) as string[], atMs }
  })
}

/** Forgets erasures, and ids of destroyed keys, from before a time that no log and no backup reaches back to. */
export async function forgetErasures(
  ground: Ground,
  beforeMs: number,
): Promise<{ requests: number; ids: number }> {
  const requests = [...rowsOf(ground, 'erasure')].filter(
    ({ value }) => (unpack(value) as Noted).atMs < beforeMs,
  )
  const ids = [...rowsOf(ground, 'gone')].filter(({ value }) => (unpack(value) as number) < beforeMs)
  if (requests.length + ids.length === 0) return { requests: 0, ids: 0 }
  await commit(ground, {
    work: changes => {
      for (const { key } of [...requests, ...ids]) changes.remove(key)
    },
    done: () => {
      ground.gone -= ids.length
    },
    retired: requests.map(({ value }) => (unpack(value) as Noted).slot),
  })
  return { requests: requests.length, ids: ids.length }
}
