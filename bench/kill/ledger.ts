import type { MatchOnTheWire } from '../../core/wire/signal.ts'

/** What the system acknowledged, kept by those it was acknowledged to: no crash of the system can touch it. */
export type Held = { readonly session: string; readonly number: string; readonly kind: string }
export type Ledger = {
  /** Per visitor, the first welcome: it has to stay as it was. */
  readonly held: Map<string, Held>
  /** Per visitor, the highest id of a page view that the log has. */
  readonly views: Map<string, number>
  acknowledgedViews: number
  /** Per call, the match that was answered and the states that were. */
  readonly calls: Map<string, { readonly match: MatchOnTheWire; readonly states: string[] }>
  readonly troubles: string[]
}

export const createLedger = (): Ledger => ({
  held: new Map(),
  views: new Map(),
  acknowledgedViews: 0,
  calls: new Map(),
  troubles: [],
})

/** Writes down a welcome, and what is wrong with it: another session or number than this visitor was given before. */
export function noteWelcome(ledger: Ledger, visitor: string, held: Held): void {
  const before = ledger.held.get(visitor)
  if (before === undefined) ledger.held.set(visitor, held)
  else {
    if (before.session !== held.session) ledger.troubles.push('a visitor came back and had another session')
    if (before.number !== held.number) ledger.troubles.push('a visitor came back and had another number')
  }
}

/** Writes down an answer. `deferred` is a promise to answer later: the next answer replaces it. */
export function noteAnswer(ledger: Ledger, call: string, state: string, match: MatchOnTheWire): void {
  const before = ledger.calls.get(call)
  if (before === undefined || before.match.kind === 'deferred') {
    ledger.calls.set(call, { match, states: [...(before?.states ?? []), state] })
    return
  }
  before.states.push(state)
  const changed = match.kind !== 'deferred' && !sameMatch(before.match, match)
  if (changed) ledger.troubles.push(`${call} was ${before.match.kind}, then ${match.kind}`)
}

/**
 * The same answer: kind, visit and confidence. How candidates of a shared number are weighed may change with what is
 * known later (who was alive at the ring shows in beats that come after it), so there only the kind is held.
 */
export function sameMatch(one: MatchOnTheWire, other: MatchOnTheWire): boolean {
  if (one.kind === 'shared') return other.kind === 'shared'
  return one.kind === other.kind && one.session === other.session && one.confidence === other.confidence
}

/** Numbers that stand on several visits' pages although nobody was told that they are shared. */
export function doublyHeld(ledger: Ledger): string[] {
  const holders = new Map<string, string>()
  const twice: string[] = []
  for (const { session, number, kind } of ledger.held.values()) {
    if (kind !== 'assigned') continue
    const holder = holders.get(number)
    if (holder !== undefined && holder !== session) twice.push('a number is held by two sessions')
    holders.set(number, session)
  }
  return twice
}
