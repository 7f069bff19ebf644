import type { Heap } from './heap.ts'
import { limits } from './limits.ts'
import { type State, tenantOf, type Tenant } from './memory.ts'
import type { CallerRow, CallRow, ProducerRow, SessionRow } from './rows.ts'
import { continuableUntil, forgetSessionAt } from './timeline.ts'

/** When each row ends or is forgotten (rules E3, F1, F2, F5), and the heaps that say which is first. */

export function forgetCallAt(call: CallRow, retentionMs: number): number {
  let latest = call.rangAt as number
  for (const heard of call.heard) latest = Math.max(latest, heard.at)
  return latest + retentionMs
}

/** When the caller's oldest call is forgotten. */
export function forgetCallerAt(caller: CallerRow, retentionMs: number): number {
  let earliest = Number.MAX_SAFE_INTEGER
  for (const call of caller.calls) earliest = Math.min(earliest, call.rangAt)
  return earliest + retentionMs
}

export function silentAt(producer: ProducerRow): number {
  return producer.seenAt + limits.latenessMs
}

/** Brings the entry of one session up to date in the heap where it belongs. */
export function noteSession(tenant: Tenant, key: string, session: SessionRow): void {
  const { endings, departures } = tenant.due
  if (session.endedAt === null) {
    endings.set(key, continuableUntil(session))
    return
  }
  endings.delete(key)
  departures.set(key, forgetSessionAt(session, tenant.policy.retentionMs))
}

export function noteCall(tenant: Tenant, key: string, call: CallRow): void {
  tenant.due.calls.set(key, forgetCallAt(call, tenant.policy.retentionMs))
  tenant.due.carriers.add(call.carrier)
}

export function noteCaller(tenant: Tenant, key: string, caller: CallerRow): void {
  tenant.due.callers.set(key, forgetCallerAt(caller, tenant.policy.retentionMs))
}

/** After another retention: every moment of forgetting is another one. */
export function noteRetention(state: State, tenant: Tenant): void {
  const { sessions, calls, callers } = state.tables
  const { due } = tenant
  for (const key of due.departures.keys()) noteSession(tenant, key, sessions.get(key) as SessionRow)
  for (const key of due.calls.keys()) noteCall(tenant, key, calls.get(key) as CallRow)
  for (const key of due.callers.keys()) noteCaller(tenant, key, callers.get(key) as CallerRow)
}

/** Rebuilds every heap from the tables. Rows of a tenant without a policy do not exist. */
export function noteAll(state: State): void {
  const { sessions, calls, callers, producers } = state.tables
  const tenantFor = (key: string) => state.tenants.get(tenantOf(key)) as Tenant
  for (const [key, session] of sessions.entries()) noteSession(tenantFor(key), key, session)
  for (const [key, call] of calls.entries()) noteCall(tenantFor(key), key, call)
  for (const [key, caller] of callers.entries()) noteCaller(tenantFor(key), key, caller)
  for (const [key, producer] of producers.entries()) state.silences.set(key, silentAt(producer))
}

/** The real time of a session in `endings`: beats move it on without touching the heap. */
export function endingOf(state: State): (key: string) => number {
  return key => continuableUntil(state.tables.sessions.get(key) as SessionRow)
}

export function silenceOf(state: State): (key: string) => number {
  return key => silentAt(state.tables.producers.get(key) as ProducerRow)
}

/** For heaps whose entries are always exact. */
export function exactIn(heap: Heap): (key: string) => number {
  return key => heap.timeOf(key) as number
}
