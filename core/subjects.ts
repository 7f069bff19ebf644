import { idleEnd } from './arrive.ts'
import type { CallRectified, SubjectErased, SubjectRestricted, TenantEnded } from './input.ts'
import { canContinue } from './life.ts'
import type { Outcome, SessionEnded } from './outcome.ts'
import type { Session } from './records.ts'
import { callKey, type State, type TenantIndex, visitorKey } from './state.ts'

/** What a person asks for, or who speaks for one. */

export function decideErased(state: State, input: SubjectErased): Outcome[] {
  const { tenant, request, visitors, callers } = input
  const index = state.tenants.get(tenant)
  if (index === undefined) return [unknownTenant(tenant)]
  const sessions = visitors.flatMap(visitor => sessionsOf(index, visitor))
  if (sessions.length === 0) return [{ kind: 'repeated', what: 'event' }]
  const ids = sessions.map(one => one.session)
  return [
    ...endings(state, index, sessions, 'erased'),
    { kind: 'subject-erased', tenant, request, visitors, callers, sessions: ids, calls: 0 },
  ]
}

export function decideRestricted(state: State, input: SubjectRestricted): Outcome[] {
  const index = state.tenants.get(input.tenant)
  if (index === undefined) return [unknownTenant(input.tenant)]
  if (input.mode === 'lifted') return [input]
  const sessions = input.visitors.flatMap(visitor => sessionsOf(index, visitor))
  return [...endings(state, index, sessions, 'restricted'), input]
}

export function decideRectified(state: State, input: CallRectified): Outcome[] {
  const { tenant, carrier, call } = input
  const index = state.tenants.get(tenant)
  if (index === undefined) return [unknownTenant(tenant)]
  if (!index.calls.has(callKey(carrier, call)))
    return [{ kind: 'refused', tenant, problem: 'unknown-call', call }]
  return [input]
}

export function decideTenantEnded(state: State, { tenant, request }: TenantEnded): Outcome[] {
  if (!state.tenants.has(tenant)) return [unknownTenant(tenant)]
  return [{ kind: 'tenant-ended', tenant, request }]
}

function unknownTenant(tenant: string): Outcome {
  return { kind: 'refused', tenant, problem: 'unknown-tenant', call: null }
}

function sessionsOf(index: TenantIndex, visitor: string): Session[] {
  const ids = [...index.sites.keys()].flatMap(
    site => index.visitors.get(visitorKey(site, visitor))?.sessions ?? [],
  )
  return ids.map(id => index.sessions.get(id) as Session)
}

function endings(
  state: State,
  index: TenantIndex,
  sessions: readonly Session[],
  because: 'erased' | 'restricted',
): SessionEnded[] {
  return sessions
    .filter(session => session.endedAt === null)
    .map(session => {
      if (!canContinue(index, session, state.now)) return idleEnd(index.id, session)
      const { visitor, startedAt } = session
      return {
        kind: 'session-ended',
        tenant: index.id,
        session: session.session,
        visitor,
        startedAt,
        endedAt: state.now,
        because,
      }
    })
}
