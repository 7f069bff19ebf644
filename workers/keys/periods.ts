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

const lineOf = ({ tenant, name }: PeriodEnd) => `${tenant}\0${name}`

/**
 * The periods of each tenant and name, those that end first at the front. There are a hundred thousand of them where there are
 * many tenants, and they are asked for every second: so they are not sorted anew for each that comes.
 */
function linesOf(ground: Ground): Map<string, Period[]> {
  if (ground.byEnd !== null) return ground.byEnd
  ground.byEnd = new Map()
  const all = [...ground.periods.values()].sort((a, b) => a.untilMs - b.untilMs)
  for (const period of all) putInLine(ground.byEnd, period)
  return ground.byEnd
}

function putInLine(lines: Map<string, Period[]>, period: Period): void {
  const line = lines.get(lineOf(period))
  if (line === undefined) return void lines.set(lineOf(period), [period])
  let place = line.length
  while (place > 0 && (line[place - 1]?.untilMs ?? 0) > period.untilMs) place -= 1
  line.splice(place, 0, period)
}

/** Takes in what has just come. */
export function addPeriods(ground: Ground, periods: readonly Period[]): void {
  for (const period of periods) {
    ground.periods.set(period.id, period)
    if (ground.byEnd !== null) putInLine(ground.byEnd, period)
  }
}

/** Of each tenant and name the period that ends first; among these, those that end first at the front. */
export function firstPeriods(ground: Ground): Period[] {
  const firsts = [...linesOf(ground).values()].flatMap(line => line.slice(0, 1))
  return firsts.sort((a, b) => a.untilMs - b.untilMs)
}

/** Destroys those that are over. Of one tenant and name none is over before one that ends sooner. */
export async function destroyPeriods(
  ground: Ground,
  isOver: (period: PeriodEnd) => boolean,
): Promise<{ destroyed: DestroyedPeriod[] }> {
  const over = [...linesOf(ground).values()].flatMap(line => {
    const first = line.findIndex(period => !isOver(period))
    return first === -1 ? line : line.slice(0, first)
  })
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
      leave(ground, over)
      ground.gone += over.length
    },
    retired: over.map(({ slot }) => slot),
  })
  return { destroyed: over.map(({ tenant, name, id }) => ({ tenant, name, id: idBytes(id) })) }
}

/** They stand at the front of their lines. */
function leave({ periods, byEnd }: Ground, over: readonly Period[]): void {
  const counts = new Map<string, number>()
  for (const period of over) {
    periods.delete(period.id)
    counts.set(lineOf(period), (counts.get(lineOf(period)) ?? 0) + 1)
  }
  for (const [name, count] of counts) {
    const line = byEnd?.get(name)
    line?.splice(0, count)
    if (line?.length === 0) byEnd?.delete(name)
  }
}
