import { randomBytes } from 'node:crypto'
import { keyBytes, keyIdBytes } from '../../config/sealing.ts'
import { pack } from '../../config/pack.ts'
import { bury, commit, type Ground, idBytes, idText, type KeyChanges, type Period } from './ground.ts'
import type { OpenedKey } from './subjects.ts'

/** Keys of periods: each in a slot of its own, so that a stretch of time ends with one overwrite. */

export type PeriodEnd = { readonly tenant: string; readonly name: string; readonly untilMs: number }
export type HeldPeriod = PeriodEnd & { readonly id: Uint8Array }
export type DestroyedPeriod = { readonly tenant: string; readonly name: string; readonly id: Uint8Array }

export function periodKey({ periods, vault }: Ground, id: Uint8Array): OpenedKey | null {
  const period = periods.get(idText(id))
  const secret = period && vault.read(period.slot)
  return secret ? { tenant: period.tenant, name: period.name, secret } : null
}

/** All of a tenant and name, those that end first at the front. */
export function periodsNamed(ground: Ground, tenant: string, name: string): HeldPeriod[] {
  const line = linesOf(ground).get(lineOf({ tenant, name })) ?? []
  return line.map(({ id, untilMs }) => ({ tenant, name, untilMs, id: idBytes(id) }))
}

/** Keys that are made here: for what an owner seals anew. Resolves when they survive a power cut. */
export async function makePeriods(ground: Ground, wanted: readonly PeriodEnd[]): Promise<HeldPeriod[]> {
  const made: Period[] = wanted.map(({ tenant, name, untilMs }) => {
    const secret = randomBytes(keyBytes)
    const slot = ground.vault.allocate()
    ground.vault.write(slot, secret)
    secret.fill(0)
    return { id: idText(randomBytes(keyIdBytes)), tenant, name, untilMs, slot }
  })
  await commit(ground, {
    work: changes => putPeriods(changes, made),
    done: () => addPeriods(ground, made),
  })
  return made.map(({ id, tenant, name, untilMs }) => ({ id: idBytes(id), tenant, name, untilMs }))
}

export function putPeriods(changes: KeyChanges, periods: readonly Period[]): void {
  for (const period of periods) changes.put(['period', period.id], pack(period))
}

/** Gives keys another name: what they seal is kept for something else than was believed. */
export async function renamePeriods(ground: Ground, ids: readonly Uint8Array[], name: string): Promise<void> {
  const renamed = ids.flatMap(id => ground.periods.get(idText(id)) ?? []).map(period => ({ ...period, name }))
  if (renamed.length === 0) return
  await commit(ground, {
    work: changes => putPeriods(changes, renamed),
    done: () => {
      leaveLines(
        ground,
        renamed.flatMap(({ id }) => ground.periods.get(id) ?? []),
      )
      addPeriods(ground, renamed)
    },
  })
}

const lineOf = ({ tenant, name }: Pick<PeriodEnd, 'tenant' | 'name'>) => `${tenant}\0${name}`

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
  await destroy(ground, over, () => leave(ground, over))
  return { destroyed: over.map(({ tenant, name, id }) => ({ tenant, name, id: idBytes(id) })) }
}

/** Destroys these, and says how many of them there were. */
export async function destroyPeriodsOf(ground: Ground, ids: readonly Uint8Array[]): Promise<number> {
  const over = ids.flatMap(id => ground.periods.get(idText(id)) ?? [])
  await destroy(ground, over, () => {
    for (const { id } of over) ground.periods.delete(id)
    leaveLines(ground, over)
  })
  return over.length
}

async function destroy(ground: Ground, over: readonly Period[], leaveMemory: () => void): Promise<void> {
  if (over.length === 0) return
  const ids = over.map(({ id }) => id)
  await commit(ground, {
    work: changes => {
      for (const id of ids) changes.remove(['period', id])
      bury(ground, changes, ids)
    },
    done: () => {
      leaveMemory()
      ground.gone += ids.length
    },
    retired: over.map(({ slot }) => slot),
  })
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

/** Wherever in their lines they stand. */
function leaveLines({ byEnd }: Ground, gone: readonly Period[]): void {
  const ids = new Set(gone.map(({ id }) => id))
  for (const name of new Set(gone.map(lineOf))) {
    const left = byEnd?.get(name)?.filter(({ id }) => !ids.has(id)) ?? []
    if (left.length === 0) byEnd?.delete(name)
    else byEnd?.set(name, left)
  }
}
