import type { Input } from '../../core/input.ts'
import type { Outcome } from '../../core/outcome.ts'
import { sessionOf } from '../../core/reply.ts'
import type { PhoneNumber, Pseudonym, SessionId, VisitorId } from '../../core/words.ts'
import { site, tenant } from './folder.ts'
import type { Tell } from './recordLife.ts'

/** A few people whose visits and calls a test writes down, minute by minute. */
export type Person = {
  /** Opens a page, and gives back the number that it shows. */
  comes(at: number, campaign?: string): PhoneNumber | null
  beats(at: number): void
  rings(at: number, call: string, b?: string): void
}

export const nine = Date.UTC(2026, 2, 2, 9)
export const minutes = (count: number) => nine + count * 60_000
const padded = (name: string) => name.padEnd(22, '0')

export function person(tell: Tell, name: string): Person {
  const visitor = padded(`V${name}`) as VisitorId
  let session: SessionId | null = null
  let shown: PhoneNumber | null = null
  let visits = 0
  const hear = (outcomes: readonly Outcome[]) => {
    session = sessionOf(outcomes) ?? session
    for (const one of outcomes) if ('target' in one) shown = one.number
    return shown
  }
  return {
    comes: (at, campaign = name) => {
      visits += 1
      const freshSession = padded(`S${name}${visits}`) as SessionId
      const source = { source: 'google', medium: 'cpc', campaign, content: null, keyword: null }
      const from = { tenant, site, visitor, freshSession, tab: `t${visits}`, targets: null }
      return hear(tell(at, { kind: 'hello', ...from, page: { id: 1, source } }))
    },
    beats: at => void tell(at, { kind: 'beats', tenant, sessions: session === null ? [] : [session] }),
    rings: (at, call, b = shown ?? '') => {
      const a = padded(`A${name}`) as Pseudonym
      tell(at, ringing(call, at, b as PhoneNumber, a))
    },
  }
}

function ringing(call: string, at: number, b: PhoneNumber, a: Pseudonym): Input {
  return {
    ...{ kind: 'signal', tenant, carrier: 'generic', call, state: 'ring', a, b, c: null },
    ...{ reason: null, statedAt: null, takenAt: at, spooled: false },
  }
}
