import { unpack } from '../config/pack.ts'
import { headOf, openBytes, recordKey, splitParts } from '../config/sealing.ts'
import type { Input } from '../core/input.ts'
import { boundTo } from '../core/subjectNames.ts'
import type { Pseudonym } from '../core/words.ts'
import type { OutgoingEvent } from './seal.ts'

/** A call of somebody, as tests seal it. */
export const ring = (call: string, a: string | null): Input => ({
  kind: 'signal',
  tenant: 'acme',
  carrier: 'generic',
  call,
  state: 'ring',
  a: a as Pseudonym | null,
  b: '+4570000001' as never,
  c: null,
  statedAt: null,
  takenAt: 0,
  spooled: false,
  reason: null,
})

/** What an owner reads that has all the keys that came along. */
export function opened(
  { clear, personal, needs = [] }: OutgoingEvent,
  tenant = 'acme',
  belongsTo = boundTo(clear),
): object {
  const bytes = personal as Uint8Array
  const secretOf = (id: Uint8Array) => needs.find(key => Buffer.from(key.id).equals(id))?.secret as Buffer
  const values = splitParts(bytes).map(part => {
    const head = headOf(part)
    if (head === null) throw new Error('no head')
    const key = recordKey(secretOf(head.subjectKeyId), secretOf(head.periodKeyId), tenant)
    return unpack(openBytes(part, key, tenant, belongsTo)) as object
  })
  return Object.assign({}, ...values)
}
