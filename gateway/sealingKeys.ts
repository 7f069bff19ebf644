import { LRUCache } from 'lru-cache'
import { recordKeysOf, type Seal } from '../config/sealing.ts'
import { fieldsMissing } from '../core/keptFor.ts'
import { limits } from '../core/limits.ts'
import {
  type BareKey,
  type Generation,
  keyMaker,
  type Lane,
  letGo,
  nonces,
  type PeriodKey,
  type SubjectKey,
} from './keyMaking.ts'
import { createKeyStock, type KeyStock, type WrapAhead } from './keyStock.ts'
import { createReadySeals, type ReadySeals } from './readySeals.ts'
import type { SpareTime } from './spareTime.ts'

/**
 * The keys under which this gateway seals, made here and kept in memory alone: the log brings each to the owners, and what
 * is forgotten here is made anew. So each key is used by one process only, and a counter is enough of a nonce.
 */
export type SealingKeys = {
  /** The key of the present stretch of time for what is kept for `lifetimeMs`. */
  period(tenant: string, lane: Lane, name: string, lifetimeMs: number): PeriodKey
  /** The key of a subject whose data is kept for `lifetimeMs`: the one in use, or a new one, perhaps from the period's stock. */
  subject(period: PeriodKey, name: string, lifetimeMs: number): SubjectKey
  /** What seals the next part of this subject in this period. */
  seal(subject: SubjectKey, period: PeriodKey): Seal
  /** The subject's next record gets a new key: the one in use is, or will be, destroyed. */
  forget(tenant: string, name: string): void
  /** As `forget`, for all of a tenant's: whatever it has, this takes no longer. */
  forgetTenant(tenant: string): void
  /** Throws away the keys that were made ahead of need. */
  dropPrepared(): void
  /**
   * Lets go of what nothing is sealed under any more, whoever comes or not: all periods that are over, and of the subjects'
   * keys those that are among the next few to be looked at.
   */
  dropOver(): void
}

/** How keys are made ahead of need. */
export type Ahead = { readonly later: SpareTime['later']; readonly wrap: WrapAhead }

const nothingAhead: Ahead = { later: () => false, wrap: () => null }

/** A subject's key is used for so long at most, and no longer than data is kept: who has not been seen for a retention has no key any more. */
const subjectKeyMsMax = 86_400_000
const periodMsMin = 1_000
const periodsPerLifetime = 24

/**
 * For how long one period's key is used. It is destroyed when all that it sealed has been kept for its lifetime: so the
 * first that it sealed is readable for this much longer, which has to be well under an hour.
 */
export function periodMs(lifetimeMs: number): number {
  return Math.floor(Math.min(limits.periodMsMax, Math.max(periodMsMin, lifetimeMs / periodsPerLifetime)))
}

/** `clock`: milliseconds from any moment on, never back. */
export function createSealingKeys(clock: () => number, ahead: Ahead = nothingAhead): SealingKeys {
  const [make, nonce] = [keyMaker(), nonces()]
  const seals = createReadySeals(ahead.later, nonce)
  const stock = createKeyStock({ ...ahead, make, nonce, clock })
  const held = new Set<SubjectKey>()
  const dispose = (subject: SubjectKey) => {
    held.delete(subject)
    seals.drop(subject)
    letGo(subject)
  }
  const subjects = new LRUCache<string, SubjectKey>({ max: limits.subjectKeysHeldMax, dispose })
  const desk: Desk = {
    clock,
    make,
    stock,
    seals,
    subjects,
    held,
    lookedAt: held.values(),
    tenants: new Map(),
  }
  return {
    period: (tenant, lane, name, lifetimeMs) => periodOf(desk, tenant, lane, name, lifetimeMs),
    subject: (period, name, lifetimeMs) => subjectOf(desk, period, name, lifetimeMs),
    seal: seals.take,
    forget: (tenant, name) => void subjects.delete(placeOf(tenant, name)),
    forgetTenant: tenant => forgetTenant(desk, tenant),
    dropPrepared: () => {
      for (const { periods } of desk.tenants.values()) periods.forEach(stock.drop)
    },
    dropOver: () => dropOver(desk),
  }
}

type Desk = {
  readonly clock: () => number
  readonly make: () => BareKey
  readonly stock: KeyStock
  readonly seals: ReadySeals
  readonly subjects: LRUCache<string, SubjectKey>
  /** The same subjects' keys, in the order in which they were made, and how far they were looked at. */
  readonly held: Set<SubjectKey>
  lookedAt: Iterator<SubjectKey>
  readonly tenants: Map<string, Generation>
}

const placeOf = (tenant: string, name: string) => `${tenant}\0${name}`

function periodOf(desk: Desk, tenant: string, lane: Lane, name: string, lifetimeMs: number): PeriodKey {
  const generation = desk.tenants.get(tenant) ?? newGeneration(desk, tenant)
  const place = `${lane}\0${name}`
  const known = generation.periods.get(place)
  const [now, lastsMs] = [desk.clock(), periodMs(lifetimeMs)]
  if (known !== undefined && isGood(known, now, lastsMs)) return known
  if (known !== undefined) end(desk, known)
  const made = periodKey(desk.make(), lane, { tenant, name, lastsMs, generation }, now + lastsMs)
  generation.periods.set(place, made)
  return made
}

function newGeneration({ tenants }: Desk, tenant: string): Generation {
  const made = { periods: new Map<string, PeriodKey>() }
  tenants.set(tenant, made)
  return made
}

function subjectOf(desk: Desk, period: PeriodKey, name: string, lifetimeMs: number): SubjectKey {
  const { tenant, generation } = period
  const place = placeOf(tenant, name)
  const known = desk.subjects.get(place)
  const now = desk.clock()
  const lastsMs = Math.max(periodMsMin, Math.min(subjectKeyMsMax, lifetimeMs))
  if (known?.generation === generation && isGood(known, now, lastsMs)) return known
  const key = desk.stock.take(period) ?? unprepared(desk.make())
  const made = subjectKey(key, { tenant, name, lastsMs, generation }, now + lastsMs)
  desk.subjects.set(place, made)
  desk.held.add(made)
  return made
}

/** It is in use, and not for longer than one made now would be: data may be kept for less than when it was made. */
function isGood({ until }: { readonly until: number }, now: number, lastsMs: number): boolean {
  return now < until && Math.floor(until - now) <= lastsMs
}

/** What owners destroy when it is over may not outlast them here, where a dump of memory or a swapped page would show it. */
function end({ stock }: Desk, period: PeriodKey): void {
  letGo(period)
  period.recordKeys.destroy()
  stock.drop(period)
}

function forgetTenant(desk: Desk, tenant: string): void {
  for (const period of desk.tenants.get(tenant)?.periods.values() ?? []) end(desk, period)
  desk.tenants.delete(tenant)
}

function dropOver(desk: Desk): void {
  const now = desk.clock()
  for (const { periods } of desk.tenants.values()) {
    for (const [place, period] of periods) {
      if (now < period.until) continue
      end(desk, period)
      periods.delete(place)
    }
  }
  for (const subject of nextOf(desk)) {
    const { tenant, name, until, generation } = subject
    const isOver = now >= until || desk.tenants.get(tenant) !== generation
    if (isOver) desk.subjects.delete(placeOf(tenant, name))
    else desk.seals.dropOver(subject)
  }
}

/** The next few of the subjects' keys: to look at all of them at once would keep a call waiting. */
function nextOf(desk: Desk): SubjectKey[] {
  const next: SubjectKey[] = []
  while (next.length < limits.subjectKeysLookedAtMax) {
    const { value, done } = desk.lookedAt.next()
    if (done === true) {
      desk.lookedAt = desk.held.values()
      break
    }
    next.push(value)
  }
  return next
}

type Whose = Pick<PeriodKey, 'tenant' | 'name' | 'lastsMs' | 'generation'>

function periodKey({ id, secret }: BareKey, lane: Lane, whose: Whose, until: number): PeriodKey {
  return {
    ...{ id, of: 'period', ...whose, secret, isStored: false, wraps: null },
    ...{ until, isHeld: true, lane, stock: [], isFilling: false, isRest: fieldsMissing(whose.name) !== null },
    recordKeys: recordKeysOf(secret, whose.tenant),
  }
}

type UnownedKey = BareKey & Pick<SubjectKey, 'wraps' | 'record' | 'ready'>

const unprepared = (key: BareKey): UnownedKey => ({ ...key, wraps: null, record: null, ready: null })

/** On the path of whoever is met first: one object, without copies. */
function subjectKey(
  { id, secret, wraps, record, ready }: UnownedKey,
  { tenant, name, lastsMs, generation }: Whose,
  until: number,
): SubjectKey {
  const [isStored, isHeld] = [false, true]
  return {
    id,
    of: 'subject',
    tenant,
    name,
    lastsMs,
    secret,
    isStored,
    isHeld,
    wraps,
    until,
    generation,
    record,
    ready,
  }
}
