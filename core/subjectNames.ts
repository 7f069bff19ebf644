import type { Input } from './input.ts'
import type { Pseudonym, VisitorId } from './words.ts'

/** 16 bytes, base64url: every id of a visitor or a visit, and every pseudonym. */
const id = '[A-Za-z0-9_-]{22}'
export const idForm = `^${id}$`
/** How who asks for a person's data names them: as a search answered it. What is shorter was not copied whole. */
export const handleForm = `^[vc]:${id}$`

export const visitorName = (visitor: string) => `v:${visitor}`
export const callerName = (a: string) => `c:${a}`

type SubjectIds = { readonly visitors: readonly VisitorId[]; readonly callers: readonly Pseudonym[] }

/** The names of some subjects. */
export function namesOf({
  visitors,
  callers,
}: {
  readonly visitors: readonly string[]
  readonly callers: readonly string[]
}): string[] {
  return [...visitors.map(visitorName), ...callers.map(callerName)]
}

/** Whom names name. What is neither a visitor's nor a caller's is passed over. */
export function subjectsNamed(names: readonly string[]): SubjectIds {
  const idsOf = (prefix: string) =>
    names.filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length))
  return { visitors: idsOf(visitorName('')) as VisitorId[], callers: idsOf(callerName('')) as Pseudonym[] }
}

/**
 * Whose key seals the personal part of an event; null: it has none. A phone number that a visitor entered says who to ask,
 * not whose data it is. A withheld caller has a key of that one call.
 */
export function sealedFor(input: Input): string | null {
  switch (input.kind) {
    case 'hello':
    case 'page':
    case 'engagement':
      return visitorName(input.visitor)
    case 'signal':
    case 'call-rectified':
      return input.a === null ? `c:withheld ${input.carrier} ${input.call}` : callerName(input.a)
    default:
      return null
  }
}

/**
 * What a sealed part is bound to beside its tenant, so that it cannot be passed off as another event's: facts of the clear
 * part that never change. Empty for events without a personal part.
 */
export function boundTo(input: Input): string {
  switch (input.kind) {
    case 'hello':
      return `hello ${input.visitor} ${input.tab}`
    case 'page':
      return `page ${input.visitor} ${input.tab} ${input.page.id}`
    case 'engagement':
      return `engagement ${input.visitor} ${input.tab} ${input.id}`
    case 'signal':
      return `signal ${input.state} ${input.carrier} ${input.call}`
    case 'call-rectified':
      return `rectified ${input.request} ${input.carrier} ${input.call}`
    default:
      return ''
  }
}
