import { type Arrival, arrive, endOfSession } from './arrive.ts'
import { numbersFor } from './assign.ts'
import { decideSignal } from './call.ts'
import { isRemembered } from './due.ts'
import { decidePulse } from './expire.ts'
import type { Beats, Configured, ConsentWithdrawn, Engagement, Hello, Input, Page } from './input.ts'
import { canContinue, hasLapsed } from './life.ts'
import type { Outcome } from './outcome.ts'
import { assertPolicy } from './policy.ts'
import { decideRectified } from './rectify.ts'
import type { Session } from './records.ts'
import { decideErased, decideRestricted, decideTenantEnded } from './subjects.ts'
import { type State, visitorKey } from './state.ts'
import { unreachable } from './words.ts'

/** What follows from an input, given the state. Only reads. */
export function decide(state: State, input: Input): Outcome[] {
  switch (input.kind) {
    case 'hello':
      return decideHello(state, input)
    case 'page':
    case 'engagement':
      return decideEvent(state, input)
    case 'beats':
      return decideBeats(state, input)
    case 'consent-withdrawn':
      return decideWithdrawn(state, input)
    case 'signal':
      return decideSignal(state, input)
    case 'configured':
      return decideConfigured(state, input)
    case 'pulse':
      return decidePulse(state)
    case 'subject-erased':
      return decideErased(state, input)
    case 'subject-restricted':
      return decideRestricted(state, input)
    case 'call-rectified':
      return decideRectified(state, input)
    case 'noted':
      return [{ kind: 'noted', tenant: input.tenant }]
    case 'tenant-ended':
      return decideTenantEnded(state, input)
    default:
      return unreachable(input)
  }
}

function decideConfigured(state: State, { tenant, version, policy }: Configured): Outcome[] {
  if (state.tables.policies.get(tenant)?.version === version) return [{ kind: 'repeated', what: 'event' }]
  assertPolicy(policy)
  return [{ kind: 'configured', tenant, version, policy }]
}

function decideHello(state: State, input: Hello): Outcome[] {
  const arrival = arrive(state, input)
  const { outcomes, guest } = arrival
  if (guest === null) return outcomes
  for (const outcome of numbersFor(guest, input.targets, state.now)) outcomes.push(outcome)
  if (input.page === null) return outcomes
  const { tenant, tab } = input
  const { id, source } = input.page
  if (highestOf(guest.known, tab) !== null) outcomes.push({ kind: 'repeated', what: 'event' })
  else outcomes.push({ kind: 'page-viewed', tenant, session: guest.session, tab, id, source })
  return outcomes
}

/** A page view or an engagement. One of a session that is over opens the next one, as a hello would. */
function decideEvent(state: State, input: Page | Engagement): Outcome[] {
  const arrival = arrive(state, input)
  const { outcomes, guest } = arrival
  if (guest === null) return outcomes
  if (tellsNumbers(arrival, input.session, state.now)) {
    for (const outcome of numbersFor(guest, input.targets, state.now)) outcomes.push(outcome)
  }
  outcomes.push(eventOf(input, guest.known, guest.session))
  return outcomes
}

/** It opened or joined a session, or found a number past its tail (rule V7). */
function tellsNumbers({ guest }: Arrival, named: string, now: number): boolean {
  if (guest === null) return false
  return guest.known === null || guest.session !== named || hasLapsed(guest.known, now)
}

function eventOf(input: Page | Engagement, known: Session | null, session: Session['session']): Outcome {
  const { tenant, tab } = input
  const id = input.kind === 'page' ? input.page.id : input.id
  if (id <= (highestOf(known, tab) ?? 0)) return { kind: 'repeated', what: 'event' }
  if (input.kind === 'page')
    return { kind: 'page-viewed', tenant, session, tab, id, source: input.page.source }
  const { action, number } = input
  return { kind: 'engaged', tenant, session, tab, id, action, number }
}

/** The highest event id that counted in a tab; null where the session does not remember it. */
function highestOf(session: Session | null, tab: string): number | null {
  if (session === null) return null
  for (const [known, highest] of session.tabs) if (known === tab) return highest
  return null
}

function decideBeats(state: State, { tenant, sessions }: Beats): Outcome[] {
  const index = state.tenants.get(tenant)
  return sessions.map((id): Outcome => {
    const session = index?.sessions.get(id)
    const goesOn =
      index !== undefined &&
      session !== undefined &&
      canContinue(index, session, state.now) &&
      !hasLapsed(session, state.now)
    return { kind: goesOn ? 'session-seen' : 'session-gone', tenant, session: id }
  })
}

function decideWithdrawn(state: State, { tenant, site, visitor }: ConsentWithdrawn): Outcome[] {
  const { now } = state
  const index = state.tenants.get(tenant)
  if (index === undefined) return [{ kind: 'refused', tenant, problem: 'unknown-tenant', call: null }]
  if (!index.sites.has(site)) return [{ kind: 'refused', tenant, problem: 'unknown-site', call: null }]
  const ids = index.visitors.get(visitorKey(site, visitor))?.sessions ?? []
  const sessions = ids.map(id => index.sessions.get(id) as Session)
  const outcomes: Outcome[] = sessions.flatMap(session =>
    endOfSession(state, index, session, 'consent-withdrawn'),
  )
  const isKnown = sessions.some(session => isRemembered(index, session, now))
  outcomes.push(
    isKnown ? { kind: 'visitor-withdrew', tenant, site, visitor } : { kind: 'repeated', what: 'event' },
  )
  return outcomes
}
