import { limits } from '../core/limits.ts'
import type { PhoneNumber } from '../core/words.ts'
import { parsePhoneNumber } from './phoneNumbers.ts'

/** What an item of a pool's `numbers` stands for, or a sentence that says what is wrong with it. */
export type Expansion = { readonly numbers: readonly PhoneNumber[] } | { readonly says: string }

/** Expands one item: a number, or a range `first..last` (both ends included, both in international form). */
export function expandNumbers(item: string): Expansion {
  const ends = item.split('..')
  if (ends.length > 2)
    return { says: `has to be one number or one range first..last, not ${JSON.stringify(item)}` }
  const [first, last] = ends.map(end => parsePhoneNumber(end.trim()))
  if (!first || last === null) {
    return {
      says: `has to be a phone number such as +45 70 00 00 01, or a range of them, not ${JSON.stringify(item)}`,
    }
  }
  return last === undefined ? { numbers: [first] } : expandRange(first, last)
}

function expandRange(first: PhoneNumber, last: PhoneNumber): Expansion {
  // 15 digits at most: exact as a number.
  const from = Number(first.slice(1))
  const count = Number(last.slice(1)) - from + 1
  if (first.length !== last.length) return { says: 'is a range between numbers of different lengths' }
  if (count < 1) return { says: 'is a range that ends before it starts' }
  if (count > limits.numbersPerPoolMax) {
    return { says: `is a range of ${count} numbers; a pool holds at most ${limits.numbersPerPoolMax}` }
  }
  return { numbers: Array.from({ length: count }, (_, step) => `+${from + step}` as PhoneNumber) }
}
