import type { Input } from './input.ts'
import type { Pseudonym } from './words.ts'

/** Putting a value about a person right, in the personal part of an event. Pure, and never mentioned in an error. */

export type Correction = {
  /** The name of a sealed field, such as `userAgent`, or of one among what was entered or the ids, such as `fields.email`. */
  readonly field: string
  /** Only where this stands; null: whatever stands there. */
  readonly from: string | null
  /** null: the value is taken out. */
  readonly to: string | null
  /** Keyed hashes of both, where they are phone numbers or e-mail addresses. */
  readonly contacts: { readonly from: Pseudonym | null; readonly to: Pseudonym | null }
}

type Values = Readonly<Record<string, unknown>>

/** The values with the correction made; `isChanged` says whether it met anything. */
export function correct(
  values: Values,
  { field, from, to }: Omit<Correction, 'contacts'>,
): { values: Values; isChanged: boolean } {
  const [outer = '', inner] = splitOnce(field)
  if (inner === null) {
    if (!isMet(values, outer, from)) return { values, isChanged: false }
    return { values: { ...values, [outer]: to }, isChanged: true }
  }
  const part = values[outer]
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return { values, isChanged: false }
  const below = part as Values
  if (!isMet(below, inner, from)) return { values, isChanged: false }
  const { [inner]: _, ...others } = below
  return { values: { ...values, [outer]: to === null ? others : { ...below, [inner]: to } }, isChanged: true }
}

/** The phone numbers and e-mail addresses that were entered, before and after, in their order, and the right value as one. */
export type Entered = {
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly right: string | null
}

/**
 * The event as it is found from now on: by what was put right, and not by what was wrong. The hashes stand in the order of
 * what was entered; where there are more or fewer of them, only of the wrong value that was named it is known which it is.
 */
export function correctContacts(
  clear: Input,
  { field, contacts: { from, to } }: Correction,
  entered: Entered,
): Input {
  if (clear.kind !== 'engagement' || !field.startsWith('fields.')) return clear
  const hashes = clear.contacts ?? []
  const { before, after, right } = entered
  const added = right !== null && to !== null && after.includes(right) ? [to] : []
  if (before.length !== hashes.length)
    return { ...clear, contacts: [...new Set([...hashes.filter(one => one !== from), ...added])] }
  const known = new Map(before.map((contact, place) => [contact, hashes[place]] as const))
  return {
    ...clear,
    contacts: after.flatMap(contact => known.get(contact) ?? (contact === right ? added : [])),
  }
}

function isMet(values: Values, name: string, from: string | null): boolean {
  return Object.hasOwn(values, name) && (from === null || values[name] === from)
}

/** At the first dot: names that a site chooses may hold more. */
function splitOnce(field: string): [outer: string, inner: string | null] {
  const dot = field.indexOf('.')
  return dot < 0 ? [field, null] : [field.slice(0, dot), field.slice(dot + 1)]
}
