import { freeAt, lastLife } from './life.ts'
import type { Claim, NumberRecord, Session } from './records.ts'
import type { State } from './state.ts'

/** What must hold after every step. Slow and complete: for tests and the simulator. Throws with the name of what broke. */
export function checkInvariants(state: State): void {
  for (const [, record] of state.tables.numbers.entries()) checkNumber(state, record)
  for (const [, session] of state.tables.sessions.entries()) checkSession(state, session)
}

function broken(what: string): never {
  throw new Error(`invariant broken: ${what}`)
}

/** A number that was lent unshared was free of everybody else's claims at that moment, and stays so. */
function checkNumber(state: State, { number, claims }: NumberRecord): void {
  claims.forEach((claim, place) => {
    if (isShared(state, claim, number)) return
    for (const earlier of claims.slice(0, place)) {
      if (earlier.visitor !== claim.visitor && freeAt(state, earlier) > claim.from)
        broken('a number is lent to one at a time')
    }
  })
}

function isShared(state: State, claim: Claim, number: string): boolean {
  const holdings = state.tables.sessions.get(claim.session)?.holdings ?? []
  const holding = holdings.find(one => one.number === number)
  // A session that holds the number no longer was lent another one since: nothing is known of how it was lent.
  return holding?.shared ?? true
}

function checkSession(state: State, session: Session): void {
  if (session.spans.length === 0) broken('a session lived')
  session.spans.forEach(([from, last], place) => {
    const before = session.spans[place - 1]
    if (from > last || last > state.now) broken('a span runs forward, up to now')
    if (before !== undefined && from < before[1]) broken('spans follow each other')
  })
  if (session.keepMs < session.idleMs || session.idleMs < session.gapMs) broken('idle timeouts are ordered')
  if (session.endedAt === null && state.now < lastLife(session)) broken('nobody lives in the future')
  const targets = new Set(session.holdings.map(holding => holding.target))
  if (targets.size !== session.holdings.length) broken('a target shows one number')
}
