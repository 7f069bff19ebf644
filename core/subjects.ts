import { endOfSession } from './arrive.ts'
import type { SubjectErased, SubjectRestricted, TenantEnded } from './input.ts'
import { callsNaming } from './names.ts'
import type { Outcome } from './outcome.ts'
import type { Session } from './records.ts'
import { namesOf } from './subjectNames.ts'
import type { State, TenantIndex } from './state.ts'
import type { VisitorId } from './words.ts'

/** Erasure, restriction, and the end of a contract (rules P1 to P6 and P9). */

export function decideErased(state: State, input: SubjectErased): Outcome[] {
  const { tenant, request, visitors, callers } = input
  const index = state.tenants.get(tenant)
  if (index === undefined) return [unknownTenant(tenant)]
  const sessions = sessionsOf(index, visitors)
  const calls = callsNaming(index.names, input).size
  const isRestricted = namesOf(input).some(name => index.restricted.get(name)?.mode === 'restricted')
  if (!isRestricted && !namesAnybody(index, input)) return [repeated]
  const ids = sessions.map(one => one.session)
  return [
    ...sessions.flatMap(session => endOfSession(state, index, session, 'erased')),
    { kind: 'subject-erased', tenant, request, visitors, callers, sessions: ids, calls },
  ]
}

/** Whether anything in memory is theirs (rule P1). */
export function namesAnybody(
  { names, callers: remembered }: TenantIndex,
  { visitors, callers }: Pick<SubjectErased, 'visitors' | 'callers'>,
): boolean {
  return (
    visitors.some(visitor => names.sessions.of(visitor).length > 0) ||
    callsNaming(names, { visitors, callers }).size > 0 ||
    visitors.some(visitor => names.linked.of(visitor).length > 0) ||
    callers.some(a => remembered.has(a))
  )
}

export function decideRestricted(state: State, input: SubjectRestricted): Outcome[] {
  const { tenant, request, visitors, callers, mode, since } = input
  const index = state.tenants.get(tenant)
  if (index === undefined) return [unknownTenant(tenant)]
  const modes = namesOf(input).map(name => index.restricted.get(name)?.mode ?? 'lifted')
  if (modes.every(before => before === mode)) return [repeated]
  const said = { tenant, request, visitors, callers, mode, ...(since !== undefined && { since }) }
  const restricted: Outcome = { kind: 'subject-restricted', ...said }
  if (mode === 'lifted') return [restricted]
  const more = [...new Set(namesOf(input))].filter(name => !index.restricted.has(name)).length
  if (index.restricted.size + more > state.bounds.restrictedPerTenantMax)
    return [{ kind: 'refused', tenant, problem: 'overloaded', call: null }]
  const endings = sessionsOf(index, visitors).flatMap(one => endOfSession(state, index, one, 'restricted'))
  return [...endings, restricted]
}

export function decideTenantEnded(state: State, { tenant, request }: TenantEnded): Outcome[] {
  if (state.tenants.has(tenant)) return [{ kind: 'tenant-ended', tenant, request }]
  return [state.tables.ended.has(tenant) ? repeated : unknownTenant(tenant)]
}

const repeated: Outcome = { kind: 'repeated', what: 'event' }

export function unknownTenant(tenant: string): Outcome {
  return { kind: 'refused', tenant, problem: 'unknown-tenant', call: null }
}

/** Every session of these visitors that is in memory, in the order of the ids; each once. */
function sessionsOf(index: TenantIndex, visitors: readonly VisitorId[]): Session[] {
  const ids = new Set(visitors.flatMap(visitor => index.names.sessions.of(visitor)))
  return [...ids].sort().map(id => index.sessions.get(id) as Session)
}
