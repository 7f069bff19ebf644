import { bury, commit, type Ground, idBytes, idText, type Period } from './ground.ts'
import type { OpenedKey } from './subjects.ts'

/** Keys of periods: each in a slot of its own, so that a stretch of time ends with one overwrite. */

export type PeriodEnd = { readonly tenant: string; readonly name: string; readonly untilMs: number }
export type DestroyedPeriod = { readonly tenant: string; readonly name: string; readonly id: Uint8Array }

export function periodKey({ periods, vault }: Ground, id: Uint8Array): OpenedKey | null {
  const period = periods.get(idText(id))
  const secret = period && vault.read(period.slot)
  return secret ? { tenant: period.tenant, name: period.name, secret } : null
}

/** All periods of which there is a key, those that end first at the front. */
export function periodsByEnd(ground: Ground): readonly Period[] {
  ground.byEnd ??= [...ground.periods.values()].sort((a, b) => a.untilMs - b.untilMs)
  return ground.byEnd
}

export async function destroyPeriods(
  ground: Ground,
  isOver: (period: PeriodEnd) => boolean,
): Promise<{ destroyed: DestroyedPeriod[] }> {
  const over = periodsByEnd(ground).filter(isOver)
  if (over.length === 0) return { destroyed: [] }
  await commit(ground, {
    work: changes => {
      for (const { id } of over) changes.remove(['period', id])
      bury(
        ground,
        changes,
        over.map(({ id }) => id),
      )
    },
    done: () => {
      for (const { id } of over) ground.periods.delete(id)
      ground.byEnd = null
      ground.gone += over.length
    },
    retired: over.map(({ slot }) => slot),
  })
  return { destroyed: over.map(({ tenant, name, id }) => ({ tenant, name, id: idBytes(id) })) }
}
