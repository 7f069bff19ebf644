import { unpack } from '../config/pack.ts'
import { headOf, openBytes, recordKey, splitParts } from '../config/sealing.ts'
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

/** Throws where bytes are damaged, or were moved here from another event; the error quotes none of them. */
export function openEvent(keys: OpeningKeys, tenant: string, { clear, personal }: KeptEvent): Opened {
  if (personal === null) return { personal: null, isKeyGone: false }
  const parts = partsOf(personal).map(bytes => openPart(keys, tenant, boundTo(clear), bytes))
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
  if (bytes[0] === packedForm) return unpacked(bytes.subarray(1))
  const head = headOf(bytes)
  if (head === null) throw new Error('The sealed part has a form that this version does not know.')
  const subject = keys.subjectKey(head.subjectKeyId)
  const period = keys.periodKey(head.periodKeyId)
  if (subject === null || period === null) return null
  const key = recordKey(subject.secret, period.secret, tenant)
  return unpacked(openBytes(bytes, key, tenant, belongsTo))
}

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
