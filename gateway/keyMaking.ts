import { type KeyObject, randomBytes } from 'node:crypto'
import { keyBytes, keyIdBytes, type RecordKeys, type Seal } from '../config/sealing.ts'
import type { NewKey } from '../core/wire/log.ts'

/** What the keys of a gateway are, and what of them counting and chance make. */

/** A key that is nobody's yet. */
export type BareKey = { readonly id: Uint8Array; readonly secret: Buffer }

export type SealingKey = Omit<NewKey, 'wraps'> &
  BareKey & {
    /** The log has its introduction, so that later messages of the same lane need not bring it again. */
    isStored: boolean
    /** False from when nothing is sealed under it any more. */
    isHeld: boolean
    /** Wrapped ahead of need for the owners that were known then; null: it is wrapped when it is introduced. */
    wraps: NewKey['wraps'] | null
  }

/** Each lane has its own, because it introduces it itself. */
export type Lane = 'call' | 'visit' | 'control'

/** A tenant's keys since its keys were last forgotten: a subject's is used with periods of the same generation only. */
export type Generation = { readonly periods: Map<string, PeriodKey> }

type HeldKey = SealingKey & { readonly until: number; readonly generation: Generation }

export type PeriodKey = HeldKey & {
  readonly lane: Lane
  /** It is for all that has no shorter time of its own: every event has such a part. */
  readonly isRest: boolean
  readonly recordKeys: RecordKeys
  /** Keys for subjects that will be met in this period, the oldest first. */
  readonly stock: PreparedKey[]
  isFilling: boolean
}

export type SubjectKey = HeldKey & { record: RecordKey | null; ready: ReadySeal | null }

/** Derived once per subject and period: a visit has many events in one period. */
export type RecordKey = { readonly period: PeriodKey; readonly key: KeyObject }
export type ReadySeal = { readonly period: PeriodKey; readonly seal: Seal }

/** A subject's key before it is anybody's: all that can be made of it without knowing whose it will be. */
export type PreparedKey = BareKey & {
  readonly wraps: NewKey['wraps']
  readonly record: RecordKey
  readonly ready: ReadySeal
}

/**
 * Nothing is sealed under it any more. Its secret is overwritten as soon as nobody needs it: what was sealed under it may
 * still wait to leave, and a message that brings it has to wrap it first.
 */
export function letGo(key: SealingKey): void {
  key.isHeld = false
  if (key.isStored) key.secret.fill(0)
}

/** The log has it: no later message brings it. */
export function markStored(key: SealingKey): void {
  key.isStored = true
  if (!key.isHeld) key.secret.fill(0)
}

/** Ids that rise within a boot: what a store keeps by id is appended. */
export function keyMaker(): () => BareKey {
  const boot = randomBytes(keyIdBytes - 4)
  const secret = secrets()
  let count = 0
  return () => {
    count += 1
    const id = Buffer.alloc(keyIdBytes)
    id.set(boot)
    id.writeUInt32BE(count, boot.length)
    return { id, secret: secret() }
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

/** The same memory each time: a nonce is copied before the next is asked for. */
export function nonces(): () => Uint8Array {
  const nonce = Buffer.alloc(12)
  nonce.set(randomBytes(4))
  let count = 0n
  return () => {
    count += 1n
    nonce.writeBigUInt64BE(count, 4)
    return nonce
  }
}
