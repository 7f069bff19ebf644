import type { KeyObject } from 'node:crypto'
import { unpack } from '../config/pack.ts'
import { headOf, openBytes, recordKey, type SealedHead, splitParts } from '../config/sealing.ts'
import { boundTo } from '../core/subjectNames.ts'
import type { KeptEvent } from './history.ts'
import type { KeyStore } from './keys/keyStore.ts'

/**
 * Opens what gateways sealed, for somebody with the right to see it. Nothing else does: matching never needs it.
 */

type OpeningKeys = Pick<KeyStore, 'subjectKey' | 'periodKey'>

export type Opened = {
  /** null: nothing was sealed, or no key is left for any of it. */
  readonly personal: Readonly<Record<string, unknown>> | null
  /** Whether some of it, or all, cannot be opened any more because its key was destroyed. */
  readonly isKeyGone: boolean
}

/** Form 0 of the first version: packed, not encrypted. */
const packedForm = 0

/**
 * Opens many events of a tenant, of which some belong together: a key that several need is looked up and derived once. It
 * holds on to keys, so it is given up after a few events.
 */
export function createOpener(keys: OpeningKeys, tenant: string) {
  const known = new Map<string, KeyObject | null>()
  const keyFor = (head: SealedHead): KeyObject | null => {
    const name = idText(head)
    const key = known.get(name)
    if (key !== undefined) return key
    const made = keyOf(keys, tenant, head)
    known.set(name, made)
    return made
  }
  return { open: (event: KeptEvent) => openAll(event, tenant, keyFor) }
}

/** Throws where bytes are damaged, or were moved here from another event; the error quotes none of them. */
export function openEvent(keys: OpeningKeys, tenant: string, event: KeptEvent): Opened {
  return openAll(event, tenant, head => keyOf(keys, tenant, head))
}

type KeyFor = (head: SealedHead) => KeyObject | null

function openAll({ clear, personal }: KeptEvent, tenant: string, keyFor: KeyFor): Opened {
  if (personal === null) return { personal: null, isKeyGone: false }
  const parts = partsOf(personal).map(bytes => openWith(keyFor, tenant, boundTo(clear), bytes))
  const opened = parts.filter(part => part !== null)
  return {
    personal: opened.length === 0 ? null : Object.assign({}, ...opened),
    isKeyGone: opened.length < parts.length,
  }
}

/** The packer's own errors may quote what they met, so they end here. */
export function partsOf(bytes: Uint8Array): readonly Uint8Array[] {
  return orDamaged(() => splitParts(bytes))
}

/** One sealed part; null: a key of it was destroyed. Throws as `openEvent` does. */
export function openPart(
  keys: OpeningKeys,
  tenant: string,
  belongsTo: string,
  bytes: Uint8Array,
): Record<string, unknown> | null {
  return openWith(head => keyOf(keys, tenant, head), tenant, belongsTo, bytes)
}

function openWith(
  keyFor: KeyFor,
  tenant: string,
  belongsTo: string,
  bytes: Uint8Array,
): Record<string, unknown> | null {
  if (bytes[0] === packedForm) return unpacked(bytes.subarray(1))
  const head = headOf(bytes)
  if (head === null) throw new Error('The sealed part has a form that this version does not know.')
  const key = keyFor(head)
  return key === null ? null : unpacked(openBytes(bytes, key, tenant, belongsTo))
}

/** null: one of the two keys that it is derived from was destroyed. */
function keyOf(
  keys: OpeningKeys,
  tenant: string,
  { subjectKeyId, periodKeyId }: SealedHead,
): KeyObject | null {
  const subject = keys.subjectKey(subjectKeyId)
  const period = keys.periodKey(periodKeyId)
  return subject === null || period === null ? null : recordKey(subject.secret, period.secret, tenant)
}

const idText = ({ subjectKeyId, periodKeyId }: SealedHead) =>
  Buffer.concat([subjectKeyId, periodKeyId]).toString('latin1')

function unpacked(bytes: Uint8Array): Record<string, unknown> {
  return orDamaged(() => unpack(bytes) as Record<string, unknown>)
}

function orDamaged<Value>(read: () => Value): Value {
  try {
    return read()
  } catch {
    throw new Error('The sealed part is damaged.')
  }
}
