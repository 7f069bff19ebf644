import { type KeyObject, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { keyBytes, keyIdBytes, recordKeysOf } from '../config/sealing.ts'
import { limits } from '../core/limits.ts'
import type { NewKey } from '../core/wire/log.ts'

/**
 * The keys under which this gateway seals, made here and kept in memory alone: the log brings each to the owners, and what
 * is forgotten here is made anew. So each key is used by one process only, and a counter is enough of a nonce.
 */

/** `isStored`: the log has its introduction, so that later messages of the same lane need not bring it again. */
export type SealingKey = Omit<NewKey, 'wraps'> & { readonly secret: Buffer; isStored: boolean }

export type SealingKeys = {
  /** The key of a subject whose data is kept for `lifetimeMs`: the one in use, or a new one. */
  subject(tenant: string, name: string, lifetimeMs: number): SealingKey
  /** The key of the present stretch of time for what is kept for `lifetimeMs`. Each lane has its own, because it introduces it itself. */
  period(tenant: string, lane: 'call' | 'visit' | 'control', name: string, lifetimeMs: number): SealingKey
  /** What seals a record of this subject in this period. */
  record(subject: SealingKey, period: SealingKey): KeyObject
  /** A nonce that was never used before. */
  nonce(): Uint8Array
  /** The subject's next record gets a new key: the one in use is, or will be, destroyed. */
  forget(tenant: string, name: string): void
  /** As `forget`, for all of a tenant's. */
  forgetTenant(tenant: string): void
}

type Held = SealingKey & {
  readonly until: number
  recordKey: KeyObject | null
  recordPeriod: SealingKey | null
}
type Period = { readonly key: PeriodKey; readonly until: number }
type PeriodKey = SealingKey & { readonly recordKeys: (subjectKey: Uint8Array) => KeyObject }

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
export function createSealingKeys(clock: () => number): SealingKeys {
  const held = new LRUCache<string, Held>({ max: limits.subjectKeysHeldMax })
  const periods = new Map<string, Period>()
  const make = keyMaker()
  return {
    subject: (tenant, name, lifetimeMs) => {
      const place = placeOf(tenant, name)
      const known = held.get(place)
      const lastsMs = Math.max(periodMsMin, Math.min(subjectKeyMsMax, lifetimeMs))
      if (known !== undefined && isGood(known, clock(), lastsMs)) return known
      const until = clock() + lastsMs
      const made = {
        ...make('subject', tenant, name, lastsMs),
        until,
        recordKey: null,
        recordPeriod: null,
      }
      held.set(place, made)
      return made
    },
    period: (tenant, lane, name, lifetimeMs) => {
      const place = `${tenant}\0${lane}\0${name}`
      const known = periods.get(place)
      const lastsMs = periodMs(lifetimeMs)
      if (known !== undefined && isGood(known, clock(), lastsMs)) return known.key
      const made = make('period', tenant, name, lastsMs)
      const key = { ...made, recordKeys: recordKeysOf(made.secret, tenant) }
      periods.set(place, { key, until: clock() + lastsMs })
      return key
    },
    record: recordOf,
    nonce: nonces(),
    forget: (tenant, name) => void held.delete(placeOf(tenant, name)),
    forgetTenant: tenant => {
      const start = placeOf(tenant, '')
      for (const place of [...held.keys()]) if (place.startsWith(start)) held.delete(place)
      for (const place of [...periods.keys()]) if (place.startsWith(start)) periods.delete(place)
    },
  }
}

/** It is in use, and not for longer than one made now would be: data may be kept for less than when it was made. */
function isGood({ until }: { readonly until: number }, now: number, lastsMs: number): boolean {
  return now < until && Math.floor(until - now) <= lastsMs
}

const placeOf = (tenant: string, name: string) => `${tenant}\0${name}`

/** Derived once per subject and period: a visit has many events in one period. */
function recordOf(subject: SealingKey, period: SealingKey): KeyObject {
  const held = subject as Held
  if (held.recordKey !== null && held.recordPeriod === period) return held.recordKey
  held.recordKey = (period as PeriodKey).recordKeys(subject.secret)
  held.recordPeriod = period
  return held.recordKey
}

/** Ids that rise within a boot: what a store keeps by id is appended. */
function keyMaker() {
  const boot = randomBytes(keyIdBytes - 4)
  const secret = secrets()
  let count = 0
  return (of: NewKey['of'], tenant: string, name: string, lastsMs: number): SealingKey => {
    count += 1
    const id = Buffer.alloc(keyIdBytes)
    id.set(boot)
    id.writeUInt32BE(count, boot.length)
    return { id, of, tenant, name, lastsMs, secret: secret(), isStored: false }
  }
}

const secretsAtOnce = 64

/** Random keys, drawn many at a time: the system call and the memory of each cost more than its bytes. */
function secrets(): () => Buffer {
  let drawn = Buffer.alloc(0)
  let used = 0
  return () => {
    if (used === drawn.length) {
      drawn = randomBytes(keyBytes * secretsAtOnce)
      used = 0
    }
    used += keyBytes
    return drawn.subarray(used - keyBytes, used)
  }
}

function nonces(): () => Uint8Array {
  const nonce = Buffer.alloc(12)
  nonce.set(randomBytes(4))
  let count = 0n
  return () => {
    count += 1n
    nonce.writeBigUInt64BE(count, 4)
    return nonce
  }
}
