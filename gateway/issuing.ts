import { LRUCache } from 'lru-cache'
import { limits } from '../core/limits.ts'
import type { ProblemCode } from '../core/problems.ts'
import { type Receipt, standingOf } from '../core/receipt.ts'
import type { Asked } from './adminRoute.ts'

/** Where it is not recorded, nothing is issued, and there is a code. */
export type Issuing = (
  asked: Pick<Asked, 'note' | 'place'>,
  receipt: Pick<Receipt, 'kind' | 'request' | 'states'>,
) => Promise<ProblemCode | null>

/**
 * Records that a receipt or a certificate certifies something: that what was sealed can no longer be read, and later that all
 * bytes are gone. Once for each, as far as this gateway remembers, so that a chain does not grow with who asks again and again.
 */
export function createIssuing(): Issuing {
  const known = new LRUCache<string, true>({ max: limits.issuedKnownMax })
  return async ({ note, place }, { kind, request, states }) => {
    const standing = standingOf(states)
    const name = `${place.tenant} ${kind} ${request} ${standing}`
    if (standing === 'under-way' || known.has(name)) return null
    const problem = await note({ action: 'receipt-made', request, detail: { document: kind, standing } })
    if (problem === null) known.set(name, true)
    return problem
  }
}
