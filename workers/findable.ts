import type { Input } from '../core/input.ts'
import { callerName, visitorName } from '../core/subjectNames.ts'

/**
 * Under which names an event of the history is found again: `v:` visitor, `s:` session, `c:` caller, `e:` what a visitor
 * entered (keyed), `k:` carrier and call. All of them are random or keyed: none is a personal value.
 */
export function findableAs(clear: Input, session: string | null): string[] {
  const names = namesOf(clear)
  return session === null ? names : [...names, sessionIndex(session)]
}

/** What the names of visits, and of calls, begin with. */
export const namePrefixes = { session: 's:', call: 'k:' } as const

export const sessionIndex = (session: string) => `${namePrefixes.session}${session}`
export const enteredIndex = (pseudonym: string) => `e:${pseudonym}`
export const callIndex = (carrier: string, call: string) => `${namePrefixes.call}${carrier} ${call}`

function namesOf(clear: Input): string[] {
  switch (clear.kind) {
    case 'hello':
    case 'page':
      return [visitorName(clear.visitor)]
    case 'engagement':
      return [visitorName(clear.visitor), ...(clear.contacts ?? []).map(enteredIndex)]
    case 'signal':
    case 'call-rectified': {
      const call = callIndex(clear.carrier, clear.call)
      return clear.a === null ? [call] : [call, callerName(clear.a)]
    }
    default:
      return []
  }
}
