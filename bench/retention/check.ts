import { openBytes, recordKey } from '../../config/sealing.ts'
import { boundTo } from '../../core/subjectNames.ts'
import { openEvent } from '../../workers/opener.ts'
import type { HistoryRow } from '../../workers/history.ts'
import type { Part } from './gateway.ts'
import { type Due, dueBy } from './model.ts'
import { hourMs, type Sealed, type World } from './world.ts'

/** Holds what the stores give against what the model says. A departure throws a sentence that names the moment. */

export class Departed extends Error {}

const nearMost = 4
const randomMost = 2

/** Around the border between gone and kept, where mistakes are; and a few elsewhere. */
export function checkBoundary(world: World): void {
  world.figures.boundaries += 1
  for (const sealed of world.sealed.values()) {
    passGone(world, sealed)
    let young = 0
    for (let at = sealed.gone; at < sealed.parts.length && young < nearMost; at++) {
      if (checkPart(world, sealed.parts[at] as Part)) young += 1
    }
    for (let count = 0; count < randomMost; count++) checkPart(world, world.chance.pick(sealed.parts))
  }
}

/** Every part that ever was, and every row that is. */
export function checkAll(world: World): void {
  checkBoundary(world)
  for (const { parts } of world.sealed.values()) {
    for (const part of parts) {
      checkPart(world, part)
      checkName(world, part)
    }
  }
  for (const tenant of world.tenants) checkRows(world, tenant)
}

function passGone(world: World, sealed: Sealed): void {
  for (; sealed.gone < sealed.parts.length; sealed.gone++) {
    const part = sealed.parts[sealed.gone] as Part
    if (!isLong(world, part)) return
    checkPart(world, part)
  }
}

/**
 * Says whether it has to open still, as it was sealed: a copy of it need not any more when one of its fields was due, because
 * the rest is kept sealed anew.
 */
function checkPart(world: World, part: Part): boolean {
  const mustOpen = part.fields.every(field => isYoung(world, part, field))
  const opens = tryToOpen(world, part)
  if (mustOpen && !opens) throw departed(world, part, 'cannot be opened although it was not due')
  if (!opens) return mustOpen
  for (const field of part.fields) {
    const { since } = dueOf(world, part, part.loggedAt, field)
    world.figures.latestMs = Math.max(world.figures.latestMs, world.nowMs - (since ?? world.nowMs))
  }
  if (isLong(world, part)) throw departed(world, part, 'opens an hour after it was due')
  return mustOpen
}

/** Whose it was: of a day's keys, each of which is used for a day, and they end together. */
const namedForMs = 49 * hourMs

function checkName(world: World, part: Part): void {
  const { since } = dueOf(world, part, part.loggedAt, 'retention')
  if (since === null || since + namedForMs > world.nowMs) return
  if (world.owner.partition.keys.subjectKey(part.subjectKeyId) !== null)
    throw departed(world, part, 'has a name two days after it was due')
}

function dueOf({ inForce, nowMs }: World, { tenant }: Part, atMs: number, as: string): Due {
  return dueBy(inForce.get(tenant) ?? [], as, atMs, nowMs)
}

/** It was never due. */
function isYoung(world: World, part: Part, as: string): boolean {
  return dueOf(world, part, part.sealedAt, as).first === null
}

/** It, or a field in it, was due for the last hour. */
function isLong(world: World, part: Part, ...as: string[]): boolean {
  const names = as.length === 0 ? part.fields : as
  return names.some(name => {
    const { since } = dueOf(world, part, part.loggedAt, name)
    return since !== null && since + hourMs <= world.nowMs
  })
}

/** It came to the log when the key of all that was sealed with it may have been destroyed for one of its fields. */
function isLate({ inForce }: World, { tenant, fields, sealedAt, loggedAt }: Part): boolean {
  return fields.some(field => dueBy(inForce.get(tenant) ?? [], field, sealedAt, loggedAt).first !== null)
}

/** With whatever keys the store still gives. */
function tryToOpen({ owner, figures }: World, part: Part): boolean {
  const { keys } = owner.partition
  const [period, subject] = [keys.periodKey(part.periodKeyId), keys.subjectKey(part.subjectKeyId)]
  if (period === null || subject === null) {
    figures.refused += 1
    return false
  }
  openBytes(part.bytes, recordKey(subject.secret, period.secret, part.tenant), part.tenant, part.belongsTo)
  figures.opened += 1
  return true
}

const openedPerCheck = 20

/** What the history gives to whoever may ask it. */
function checkRows(world: World, tenant: string): void {
  const { store, keys } = world.owner.partition
  const rows = store.history(tenant, 0, Number.MAX_SAFE_INTEGER, 1_000_000)
  world.figures.rowsRead += rows.length
  const there = new Set(rows.map(({ event }) => boundTo(event.clear)))
  for (const [belongsTo, [part]] of world.events) {
    if (part === undefined || part.tenant !== tenant) continue
    if (isYoung(world, part, 'retention') && !there.has(belongsTo))
      throw departed(world, part, 'has left the history although it was not due')
  }
  for (const { event } of rows) {
    const [part] = world.events.get(boundTo(event.clear)) ?? []
    if (part !== undefined && isLong(world, part, 'retention'))
      throw departed(world, part, 'is in the history an hour after it was due')
  }
  const oldest = rows.slice(0, openedPerCheck)
  const others = world.chance.shuffled(rows).slice(0, openedPerCheck)
  for (const row of [...oldest, ...others]) checkRow(world, row, keys)
}

/** The fields of an event that the history gives are those that are not due. */
function checkRow(world: World, { tenant, event }: HistoryRow, keys: Parameters<typeof openEvent>[0]): void {
  const { personal } = openEvent(keys, tenant, event)
  for (const part of world.events.get(boundTo(event.clear)) ?? []) {
    for (const field of part.fields) {
      const isThere = personal !== null && field in personal
      if (isYoung(world, part, field) && !isThere && !isLate(world, part))
        throw departed(world, part, `is not shown although its ${field} was not due`)
      if (isLong(world, part, field) && isThere)
        throw departed(world, part, `is shown with ${field} an hour after it was due`)
    }
  }
}

function departed({ nowMs }: World, { tenant, name, sealedAt, loggedAt }: Part, says: string): Departed {
  const at = (ms: number) => new Date(ms).toISOString()
  return new Departed(
    `${at(nowMs)}: ${name} of ${tenant}, sealed ${at(sealedAt)}, in the log ${at(loggedAt)}, ${says}`,
  )
}
