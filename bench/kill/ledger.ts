import type { MatchOnTheWire } from '../../core/wire/signal.ts'

/** What the system acknowledged, kept by those it was acknowledged to: no crash of the system can touch it. */
export type Held = {
  readonly visitor: string
  readonly session: string
  readonly number: string
  /** As the page was told: assigned, shared, or fallback. */
  readonly kind: string
}
export type NotedEvent = {
  readonly kind: 'page' | 'engagement'
  readonly tenant: string
  readonly visitor: string
  readonly tab: string
  readonly id: number
  /** When its acknowledgement came, by the clock that the log's server reads too; null: not yet. */
  acknowledgedAt: number | null
}
export type NotedCall = {
  readonly tenant: string
  /** Who looked at the number that was called; null: a number that nobody was shown. */
  readonly holder: Held | null
  /** The states that were answered. */
  readonly states: string[]
  match: MatchOnTheWire
  /** How often the answer was only that it will be known later. */
  deferred: number
}
export type Ledger = {
  /** By visitor, the first welcome: it has to stay as it was. */
  readonly held: Map<string, Held>
  readonly events: NotedEvent[]
  readonly calls: Map<string, NotedCall>
  /** Sessions of visitors who were welcomed and left: each ends, and that is told once. */
  readonly left: Set<string>
  readonly troubles: string[]
}

export const createLedger = (): Ledger => ({
  held: new Map(),
  events: [],
  calls: new Map(),
  left: new Set(),
  troubles: [],
})

/** Writes down a welcome, and what is wrong with it: another session or number than this visitor was given before. */
export function noteWelcome(ledger: Ledger, now: Held): void {
  const before = ledger.held.get(now.visitor)
  if (before === undefined) return void ledger.held.set(now.visitor, now)
  if (before.session !== now.session) ledger.troubles.push('a visitor came back and had another session')
  if (before.number !== now.number) ledger.troubles.push('a visitor came back and had another number')
  if (before.kind !== now.kind)
    ledger.troubles.push(`a visitor came back and its number was ${now.kind}, not ${before.kind}`)
}

type Answered = Pick<NotedCall, 'tenant' | 'holder' | 'match'> & {
  readonly call: string
  readonly state: string
}

/** Writes down an answer. `deferred` is a promise to answer later: the next answer replaces it. */
export function noteAnswer(ledger: Ledger, { call, state, tenant, holder, match }: Answered): void {
  const deferred = match.kind === 'deferred' ? 1 : 0
  const known = ledger.calls.get(call)
  if (known === undefined) {
    ledger.calls.set(call, { tenant, holder, states: [state], match, deferred })
    return
  }
  known.states.push(state)
  known.deferred += deferred
  if (known.match.kind === 'deferred') known.match = match
  else if (deferred === 0 && !sameMatch(known.match, match))
    ledger.troubles.push(`${call} was ${known.match.kind}, then ${match.kind}`)
}

/**
 * The same answer: kind, visit and confidence. How candidates of a shared number are weighed may change with what is
 * known later (who was alive at the ring shows in beats that come after it), so there only the kind is held.
 */
export function sameMatch(one: MatchOnTheWire, other: MatchOnTheWire): boolean {
  if (one.kind === 'shared') return other.kind === 'shared'
  return one.kind === other.kind && one.session === other.session && one.confidence === other.confidence
}
