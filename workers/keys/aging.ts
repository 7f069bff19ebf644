import { blockKey, blockOf, type Ground, type Key } from './ground.ts'
import { openPage, wipe } from './pages.ts'
import { nameHash, pagesOf } from './subjects.ts'
import { destroyBlocks } from './tenants.ts'

/** The end of keys of subjects who have not been seen for a retention: whole blocks, because all in one are of one day. */

export type BlockEnd = { readonly tenant: string; readonly untilMs: number }

/** Blocks that one round destroys. */
const blocksMost = 8

/** Destroys the keys of blocks whose time is over, and says how many, by tenant. The next call goes on where there are more. */
export async function destroyAged(
  ground: Ground,
  isOver: (block: BlockEnd) => boolean,
): Promise<Map<string, number>> {
  const aged = [...ground.blocks].filter(([, block]) => block.count > 0 && isOver(block)).slice(0, blocksMost)
  const byTenant = new Map<string, number>()
  if (aged.length === 0) return byTenant
  for (const [, { tenant, count }] of aged) byTenant.set(tenant, (byTenant.get(tenant) ?? 0) + count)
  const numbers = aged.map(([number]) => number)
  const names = aged.flatMap(([number, { tenant }]) => namesIn(ground, number, tenant))
  await destroyBlocks(ground, numbers, names)
  return byTenant
}

function namesIn(ground: Ground, number: number, tenant: string): Key[] {
  const key = blockKey(ground, blockOf(ground, number))
  return [...pagesOf(ground, number)].flatMap(({ place, row }) => {
    const subjects = openPage(place, row, key) ?? []
    wipe(subjects)
    return subjects.map(({ id, name }) => ['name', tenant, nameHash(ground, tenant, name), id])
  })
}

/** When each block of keys goes out of use. */
export function blockEnds({ blocks }: Ground): BlockEnd[] {
  return [...blocks.values()].filter(({ count, untilMs }) => count > 0 && untilMs > 0)
}
