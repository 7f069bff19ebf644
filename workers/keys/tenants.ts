import { transact } from '../../config/lmdb.ts'
import { createRests, type InTurn } from '../rounds.ts'
import { after, blockOf, bury, commit, type Ground, idBytes, type Key, type KeyChanges } from './ground.ts'
import { idsOnPage } from './pages.ts'
import { destroyPeriods } from './periods.ts'
import { pagesOf } from './subjects.ts'

/** A tenant's keys as a whole: how many there are, and their end. */

/** So many names, or keys of periods, go at once: about a millisecond of work. */
const rowsAtOnce = 512
const periodsAtOnce = 128

export type TenantKeys = {
  subjectKeys: number
  periodKeys: number
  oldestPeriodUntilMs: number | null
}
export type Inventory = {
  readonly tenants: ReadonlyMap<string, Readonly<TenantKeys>>
  readonly blocks: number
  readonly intake: Uint8Array[]
  readonly erasedIds: number
}

/** What is here, without any of it. */
export function inventory(ground: Ground): Inventory {
  const tenants = new Map<string, TenantKeys>()
  const of = (tenant: string): TenantKeys => {
    const known = tenants.get(tenant) ?? { subjectKeys: 0, periodKeys: 0, oldestPeriodUntilMs: null }
    tenants.set(tenant, known)
    return known
  }
  for (const { tenant, count } of ground.blocks.values()) of(tenant).subjectKeys += count
  for (const { tenant, untilMs } of ground.periods.values()) {
    const keys = of(tenant)
    keys.periodKeys += 1
    keys.oldestPeriodUntilMs = Math.min(keys.oldestPeriodUntilMs ?? untilMs, untilMs)
  }
  const intake = [...ground.intakes.keys()].map(idBytes)
  return { tenants, blocks: ground.blocks.size, intake, erasedIds: ground.gone }
}

/**
 * Destroys all of a tenant's keys: each block, and each handful of the rest, in a turn of its own, so that keys of others
 * which arrive meanwhile are taken between. What a crash, or `goesOn`, leaves over is destroyed by asking again.
 */
export async function destroyTenant(
  ground: Ground,
  inTurn: InTurn,
  tenant: string,
  goesOn: () => boolean = () => true,
): Promise<{ subjectKeys: number; periodKeys: number }> {
  const numbers = [...ground.blocks].filter(([, block]) => block.tenant === tenant).map(([number]) => number)
  let [subjectKeys, periodKeys] = [0, 0]
  const rest = createRests()
  for (const number of numbers) {
    if (!goesOn()) break
    subjectKeys += await inTurn(async () => (ground.blocks.has(number) ? destroyBlocks(ground, [number]) : 0))
    await rest()
  }
  while (goesOn() && (await inTurn(() => removeNames(ground, tenant)))) await rest()
  while (goesOn()) {
    const gone = await inTurn(() => destroySomePeriods(ground, tenant))
    if (gone === 0) break
    periodKeys += gone
    await rest()
  }
  return { subjectKeys, periodKeys }
}

/** Whether there may be more. */
async function removeNames(ground: Ground, tenant: string): Promise<boolean> {
  const range = { start: ['name', tenant], end: ['name', tenant, after], limit: rowsAtOnce }
  const names = [...ground.root.getKeys(range)]
  await transact(ground.root, changes => removeAll(changes, names))
  return names.length === rowsAtOnce
}

async function destroySomePeriods(ground: Ground, tenant: string): Promise<number> {
  let left = periodsAtOnce
  const { destroyed } = await destroyPeriods(ground, period => {
    if (period.tenant !== tenant || left === 0) return false
    left -= 1
    return true
  })
  return destroyed.length
}

/** Says how many keys went. `names`: the rows under which they were found. */
export async function destroyBlocks(
  ground: Ground,
  numbers: readonly number[],
  names: readonly Key[] = [],
): Promise<number> {
  const pages = numbers.flatMap(number => [...pagesOf(ground, number)])
  const ids = pages.flatMap(({ row }) => idsOnPage(row))
  const retired = numbers.map(number => blockOf(ground, number).slot)
  await commit(ground, {
    work: changes => {
      removeAll(
        changes,
        pages.map(({ place }) => ['key', ...place]),
      )
      removeAll(changes, names)
      for (const id of ids) changes.remove(['at', id])
      for (const number of numbers) changes.remove(['block', number])
      bury(ground, changes, ids)
    },
    done: () => {
      for (const number of numbers) forgetBlock(ground, number)
      ground.gone += ids.length
    },
    retired,
  })
  return ids.length
}

function removeAll(changes: KeyChanges, keys: readonly Key[]): void {
  for (const key of keys) changes.remove(key)
}

function forgetBlock(ground: Ground, number: number): void {
  const { tenant } = blockOf(ground, number)
  if (ground.open.get(tenant) === number) ground.open.delete(tenant)
  ground.blocks.delete(number)
}
