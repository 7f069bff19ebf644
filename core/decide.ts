import { numbersFor, tailIsOver, type Guest } from './assign.ts'
import { decideSignal } from './call.ts'
import { decidePulse } from './expire.ts'
import type { Beats, ConsentWithdrawn, Configured, Engagement, Hello, Input, Page } from './input.ts'
import { continuable, lastLife } from './life.ts'
import { limits } from './limits.ts'
import type { Outcome } from './outcome.ts'
import type { Session } from './records.ts'
import { type State, type TenantIndex, visitorKey } from './state.ts'
import { unreachable } from './words.ts'

/** What follows from an input, given the state. Only reads. */
export function decide(state: State, input: Input): Outcome[] {
  switch (input.kind) {
    case 'hello':
      return decideHello(state, input)
    case 'page':
      return decidePage(state, input)
    case 'engagement':
      return decideEngagement(state, input)
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
    default:
      return unreachable(input)
  }
}

function decideConfigured(state: State, input: Configured): Outcome[] {
  if (state.tables.policies.get(input.tenant)?.version === input.version)
    return [{ kind: 'repeated', what: 'event' }]
  const { tenant, version, policy } = input
  return [{ kind: 'configured', tenant, version, policy }]
}

type Visit = Hello | Page | Engagement
type Arrived = {
  readonly index: TenantIndex
  readonly session: Session | null
  readonly outcomes: Outcome[]
  readonly guest: Guest
}

/** Joins the visitor's session on the site, or opens one. A visitor has at most one alive, whatever else is said. */
function arrive(state: State, input: Visit): Arrived | Outcome[] {
  const { tenant, site, visitor } = input
  const index = state.tenants.get(tenant)
  if (index === undefined) return [{ kind: 'refused', tenant, problem: 'unknown-tenant', call: null }]
  if (!index.policy.sites.some(one => one.key === site))
    return [{ kind: 'refused', tenant, problem: 'unknown-site', call: null }]
  const known = knownSession(state, tenant, site, visitor)
  if (known !== null) {
    const joined: Outcome = { kind: 'session-joined', tenant, session: known.session }
    return {
      index,
      session: known,
      outcomes: [joined],
      guest: { tenant, site, visitor, session: known.session, known },
    }
  }
  if (state.tables.sessions.size >= limits.sessionsPerTenantMax) {
    return [{ kind: 'refused', tenant, problem: 'overloaded', call: null }]
  }
  const session = input.freshSession
  const source = 'page' in input ? (input.page?.source ?? null) : null
  const opened: Outcome = { kind: 'session-opened', tenant, site, session, visitor, source }
  return { index, session: null, outcomes: [opened], guest: { tenant, site, visitor, session, known: null } }
}

function knownSession(state: State, tenant: string, site: string, visitor: string): Session | null {
  const id = state.tables.visitors.get(visitorKey(tenant, site, visitor))?.session
  const session = id === undefined ? undefined : state.tables.sessions.get(id)
  return session !== undefined && continuable(session, state.now) ? session : null
}

function decideHello(state: State, input: Hello): Outcome[] {
  const arrived = arrive(state, input)
  if (Array.isArray(arrived)) return arrived
  const { index, session, outcomes, guest } = arrived
  outcomes.push(...numbersFor(state, index, guest, input.targets))
  if (input.page === null) return outcomes
  const { tenant, tab } = input
  const { id, source } = input.page
  const seenTab = session?.tabs.some(([known]) => known === tab) ?? false
  if (seenTab) outcomes.push({ kind: 'repeated', what: 'event' })
  else outcomes.push({ kind: 'page-viewed', tenant, session: guest.session, tab, id, source })
  return outcomes
}

/** Page views and engagements of a session that is over open the next one, as a hello would. */
function withNumbers(state: State, arrived: Arrived, targets: readonly string[] | null): void {
  const { index, session, guest, outcomes } = arrived
  if (session === null) return void outcomes.push(...numbersFor(state, index, guest, targets))
  const over = session.holdings.filter(holding => tailIsOver(state, guest.tenant, session.session, holding))
  if (over.length > 0)
    outcomes.push(
      ...numbersFor(
        state,
        index,
        guest,
        over.map(holding => holding.target),
      ),
    )
}

function isRepeated(session: Session | null, tab: string, id: number): boolean {
  return session?.tabs.some(([known, highest]) => known === tab && id <= highest) ?? false
}

function decidePage(state: State, input: Page): Outcome[] {
  const arrived = arrive(state, input)
  if (Array.isArray(arrived)) return arrived
  withNumbers(state, arrived, input.targets)
  const { tenant, tab } = input
  const { id, source } = input.page
  const { session, outcomes, guest } = arrived
  if (isRepeated(session, tab, id)) outcomes.push({ kind: 'repeated', what: 'event' })
  else outcomes.push({ kind: 'page-viewed', tenant, session: guest.session, tab, id, source })
  return outcomes
}

function decideEngagement(state: State, input: Engagement): Outcome[] {
  const arrived = arrive(state, input)
  if (Array.isArray(arrived)) return arrived
  withNumbers(state, arrived, input.targets)
  const { tenant, tab, id, action, number } = input
  const { session, outcomes, guest } = arrived
  if (isRepeated(session, tab, id)) outcomes.push({ kind: 'repeated', what: 'event' })
  else outcomes.push({ kind: 'engaged', tenant, session: guest.session, tab, id, action, number })
  return outcomes
}

function decideBeats(state: State, { tenant, sessions }: Beats): Outcome[] {
  return sessions.map((id): Outcome => {
    const session = state.tables.sessions.get(id)
    const here = session !== undefined && session.tenant === tenant && continuable(session, state.now)
    const whole = here && !session.holdings.some(holding => tailIsOver(state, tenant, id, holding))
    return { kind: whole ? 'session-seen' : 'session-gone', tenant, session: id }
  })
}

function decideWithdrawn(state: State, { tenant, site, visitor }: ConsentWithdrawn): Outcome[] {
  const session = knownSession(state, tenant, site, visitor)
  if (session === null) return [{ kind: 'repeated', what: 'event' }]
  return [ended(session, state.now, 'consent-withdrawn')]
}

export function ended(session: Session, at: number, because: 'idle' | 'consent-withdrawn'): Outcome {
  const { tenant, visitor, startedAt } = session
  const endedAt = (because === 'idle' ? lastLife(session) + session.idleMs : at) as typeof startedAt
  return { kind: 'session-ended', tenant, session: session.session, visitor, startedAt, endedAt, because }
}
