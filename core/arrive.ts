import type { Guest } from './assign.ts'
import { truths } from './due.ts'
import type { Engagement, Hello, Page } from './input.ts'
import { canContinue, lastLife } from './life.ts'
import type { Outcome, SessionEnded } from './outcome.ts'
import type { ProblemCode } from './problems.ts'
import type { Session, Visitor } from './records.ts'
import { isVisitorRestricted } from './restrict.ts'
import { type State, type TenantIndex, visitorKey } from './state.ts'
import type { LogTime } from './words.ts'

/** What an event of a visitor means for sessions. Without a guest it was refused. */
export type Arrival = { readonly outcomes: Outcome[]; readonly guest: Guest | null }

type Visit = Hello | Page | Engagement

/** Joins the visitor's session on the site, or opens one. A visitor has at most one, whatever else is said (rule V1). */
export function arrive(state: State, input: Visit): Arrival {
  const { tenant, site, visitor } = input
  const index = state.tenants.get(tenant)
  if (index === undefined) return refused(tenant, 'unknown-tenant')
  if (!index.sites.has(site)) return refused(tenant, 'unknown-site')
  if (isVisitorRestricted(index, visitor)) return refused(tenant, 'restricted')
  const before = index.visitors.get(visitorKey(site, visitor))
  const latest = latestOf(index, before)
  if (latest === null || !canContinue(index, latest, state.now))
    return open(state, index, input, before, latest)
  const { session } = latest
  const isNamed = input.kind !== 'hello' && input.session === session
  const of = latest.segments === undefined ? {} : { segments: latest.segments }
  const guest = { index, site, visitor, before, session, known: latest, ...of }
  return { outcomes: [{ kind: isNamed ? 'session-seen' : 'session-joined', tenant, session }], guest }
}

function refused(tenant: string, problem: ProblemCode): Arrival {
  return { outcomes: [{ kind: 'refused', tenant, problem, call: null }], guest: null }
}

function latestOf(index: TenantIndex, visitor: Visitor | undefined): Session | null {
  const id = visitor?.sessions.at(-1)
  return (id !== undefined && index.sessions.get(id)) || null
}

function open(
  state: State,
  index: TenantIndex,
  input: Visit,
  before: Visitor | undefined,
  latest: Session | null,
): Arrival {
  const { tenant, site, visitor, freshSession: session } = input
  const outcomes: Outcome[] = []
  if (latest !== null && latest.endedAt === null) outcomes.push(idleEnd(tenant, latest))
  if (index.sessions.has(session)) {
    // The log repeats what it said long ago: its producer is forgotten, the session is not.
    outcomes.push({ kind: 'repeated', what: 'event' })
    return { outcomes, guest: null }
  }
  if (index.sessions.size >= state.bounds.sessionsPerTenantMax) {
    const first = index.due.sessions.first(truths.sessions(index))
    if (first === null) {
      outcomes.push({ kind: 'refused', tenant, problem: 'overloaded', call: null })
      return { outcomes, guest: null }
    }
    outcomes.push({ kind: 'forgotten', tenant, what: 'session', because: 'bound', keys: [first.key] })
  }
  const source = 'page' in input ? (input.page?.source ?? null) : null
  const of = input.segments === undefined ? {} : { segments: input.segments }
  outcomes.push({ kind: 'session-opened', tenant, site, session, visitor, source, ...of })
  return { outcomes, guest: { index, site, visitor, before, session, known: null, ...of } }
}

/** The end of a session that cannot be continued any more: it was over before this was noticed (rule E4). */
export function idleEnd(tenant: string, session: Session): SessionEnded {
  const { visitor, startedAt, idleMs } = session
  const endedAt = (lastLife(session) + idleMs) as LogTime
  const because = 'idle'
  return { kind: 'session-ended', tenant, session: session.session, visitor, startedAt, endedAt, because }
}

/** The end of a session that is ended now, or was over before: what is announced where it was not yet (rules V6, P1). */
export function endOfSession(
  state: State,
  index: TenantIndex,
  session: Session,
  because: Exclude<SessionEnded['because'], 'idle'>,
): SessionEnded[] {
  if (session.endedAt !== null) return []
  if (!canContinue(index, session, state.now)) return [idleEnd(index.id, session)]
  const { session: id, visitor, startedAt } = session
  const endedAt = state.now
  return [{ kind: 'session-ended', tenant: index.id, session: id, visitor, startedAt, endedAt, because }]
}
