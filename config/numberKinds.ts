import type { PhoneNumber } from '../core/words.ts'
import { countryOf, typeOf } from './phoneNumbers.ts'

/** Of which countries (ISO 3166), and of which types, a pool's numbers are. */
export type NumberKinds = { readonly countries: readonly string[]; readonly types: readonly string[] }

/** To look at one takes some microseconds; numbers that follow each other are nearly always alike. */
const lookedAtMax = 256

/** Looks at evenly spread numbers, the first and the last among them. */
export function kindsOf(numbers: readonly PhoneNumber[]): NumberKinds {
  const last = numbers.length - 1
  const most = Math.min(last, lookedAtMax - 1)
  const places = Array.from({ length: most + 1 }, (_, place) =>
    Math.round((place * last) / Math.max(1, most)),
  )
  const looked = places.map(place => numbers[place] as PhoneNumber)
  return {
    countries: [...new Set(looked.map(number => countryOf(number) ?? 'no country'))].sort(),
    types: [...new Set(looked.map(typeOf))].sort(),
  }
}
