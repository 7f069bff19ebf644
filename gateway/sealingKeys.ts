import { LRUCache } from 'lru-cache'
import { recordKeysOf, type Seal } from '../config/sealing.ts'
import { fieldsMissing } from '../core/keptFor.ts'
import { limits } from '../core/limits.ts'
import {
  type BareKey,
  keyMaker,
  type Lane,
  nonces,
  type PeriodKey,
  type SealingKey,
  type SubjectKey,
} from './keyMaking.ts'
import { createKeyStock, type KeyStock, type WrapAhead } from './keyStock.ts'
import { createReadySeals } from './readySeals.ts'
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
  /** As `forget`, for all of a tenant's. */
  forgetTenant(tenant: string): void
  /** Throws away the keys that were made ahead of need: all, or those of periods that are over. */
  dropPrepared(which: 'all' | 'over'): void
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
  const max = limits.subjectKeysHeldMax
  const subjects = new LRUCache<string, SubjectKey>({ max, dispose: seals.drop })
  const desk: Desk = { clock, make, stock, subjects, periods: new Map() }
  return {
    period: (tenant, lane, name, lifetimeMs) => periodOf(desk, tenant, lane, name, lifetimeMs),
    subject: (period, name, lifetimeMs) => subjectOf(desk, period, name, lifetimeMs),
    seal: seals.take,
    forget: (tenant, name) => void subjects.delete(placeOf(tenant, name)),
    forgetTenant: tenant => forgetTenant(desk, tenant),
    dropPrepared: which => {
      const now = clock()
      for (const period of desk.periods.values())
        if (which === 'all' || now >= period.until) stock.drop(period)
    },
  }
}

type Desk = {
  readonly clock: () => number
  readonly make: () => BareKey
  readonly stock: KeyStock
  readonly subjects: LRUCache<string, SubjectKey>
  readonly periods: Map<string, PeriodKey>
}

const placeOf = (tenant: string, name: string) => `${tenant}\0${name}`

function periodOf(desk: Desk, tenant: string, lane: Lane, name: string, lifetimeMs: number): PeriodKey {
  const place = `${tenant}\0${lane}\0${name}`
  const known = desk.periods.get(place)
  const [now, lastsMs] = [desk.clock(), periodMs(lifetimeMs)]
  if (known !== undefined && isGood(known, now, lastsMs)) return known
  if (known !== undefined) end(desk, known)
  const made = periodKey(desk.make(), lane, { tenant, name, lastsMs }, now + lastsMs)
  desk.periods.set(place, made)
  return made
}

function subjectOf(desk: Desk, period: PeriodKey, name: string, lifetimeMs: number): SubjectKey {
  const { tenant } = period
  const place = placeOf(tenant, name)
  const known = desk.subjects.get(place)
  const now = desk.clock()
  const lastsMs = Math.max(periodMsMin, Math.min(subjectKeyMsMax, lifetimeMs))
  if (known !== undefined && isGood(known, now, lastsMs)) return known
  const key = desk.stock.take(period) ?? unprepared(desk.make())
  const made = subjectKey(key, { tenant, name, lastsMs }, now + lastsMs)
  desk.subjects.set(place, made)
  return made
}

/** It is in use, and not for longer than one made now would be: data may be kept for less than when it was made. */
function isGood({ until }: { readonly until: number }, now: number, lastsMs: number): boolean {
  return now < until && Math.floor(until - now) <= lastsMs
}

function end({ stock }: Desk, period: PeriodKey): void {
  period.isHeld = false
  stock.drop(period)
}

function forgetTenant(desk: Desk, tenant: string): void {
  const start = placeOf(tenant, '')
  for (const place of [...desk.subjects.keys()]) if (place.startsWith(start)) desk.subjects.delete(place)
  for (const [place, period] of [...desk.periods]) {
    if (!place.startsWith(start)) continue
    end(desk, period)
    desk.periods.delete(place)
  }
}

type Whose = Pick<SealingKey, 'tenant' | 'name' | 'lastsMs'>

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
  { tenant, name, lastsMs }: Whose,
  until: number,
): SubjectKey {
  const [isStored, isHeld] = [false, true]
  return { id, of: 'subject', tenant, name, lastsMs, secret, isStored, wraps, until, isHeld, record, ready }
}
