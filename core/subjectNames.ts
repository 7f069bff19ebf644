import type { Input } from './input.ts'
import { callerName, visitorName } from './restrict.ts'

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
