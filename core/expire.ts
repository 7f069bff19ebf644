import { lastLife } from './life.ts'
import { limits } from './limits.ts'
import type { Outcome } from './outcome.ts'
import type { Producer, Session } from './records.ts'
import type { State } from './state.ts'
import type { LogTime } from './words.ts'

/**
 * What time alone brings: sessions that are over are announced, what is past its retention leaves memory. Nothing here
 * changes an answer, because whether something has expired is decided where it is read.
 */
export function decidePulse(state: State): Outcome[] {
  return [...endings(state), ...forgettings(state)]
}

/** The earliest log time at which a pulse would say something; null: nothing is pending. */
export function nextPulseAt(state: State): LogTime | null {
  const end = state.ends.first(key => endsAt(state, key))?.at ?? null
  const forget = state.forgets.first(key => forgetAt(state, key))?.at ?? null
  if (end === null || forget === null) return (end ?? forget) as LogTime | null
  return Math.min(end, forget) as LogTime
}

function endsAt(state: State, id: string): number | null {
  const session = state.tables.sessions.get(id)
  if (session === undefined || session.endedAt !== null) return null
  return lastLife(session) + session.keepMs
}

function endings(state: State): Outcome[] {
  const outcomes: Outcome[] = []
  const seen = new Set<string>()
  while (outcomes.length < limits.endPerPulseMax) {
    const first = state.ends.first(key => (seen.has(key) ? null : endsAt(state, key)))
    if (first === null || first.at > state.now) break
    state.ends.removeFirst()
    seen.add(first.key)
    outcomes.push(idle(state.tables.sessions.get(first.key) as Session))
  }
  return outcomes
}

function idle(session: Session): Outcome {
  const { tenant, visitor, startedAt } = session
  const endedAt = (lastLife(session) + session.idleMs) as LogTime
  return {
    kind: 'session-ended',
    tenant,
    session: session.session,
    visitor,
    startedAt,
    endedAt,
    because: 'idle',
  }
}

const forgettable = ['sessions', 'visitors', 'calls', 'callers', 'producers'] as const
type Forgettable = (typeof forgettable)[number]

/** Splits a queue key (`sessions <key>`) into its table and the key there. */
export function splitForget(key: string): { table: Forgettable; row: string } {
  const space = key.indexOf(' ')
  return { table: key.slice(0, space) as Forgettable, row: key.slice(space + 1) }
}

/** A producer is remembered for longer than the log is kept: seven times the lateness. */
const producersKeptFor = 7

/** From when a record is no longer kept; null: it is gone. */
export function forgetAt(state: State, key: string): number | null {
  const { table, row } = splitForget(key)
  const record = state.tables[table].get(row)
  if (record === undefined) return null
  if (table === 'producers') return (record as Producer).lastAt + limits.latenessMs * producersKeptFor
  const tenant = (record as { tenant: string }).tenant
  const retentionMs = state.tenants.get(tenant)?.policy.retentionMs ?? 0
  return lastTouched(state, table, row) + retentionMs
}

function lastTouched(state: State, table: Exclude<Forgettable, 'producers'>, row: string): number {
  switch (table) {
    case 'sessions': {
      const session = state.tables.sessions.get(row) as Session
      return lastLife(session) + session.keepMs + limits.latenessMs
    }
    case 'visitors':
      return state.tables.visitors.get(row)?.lastAt ?? 0
    case 'calls': {
      const record = state.tables.calls.get(row)?.record
      return record?.endedAt ?? record?.answeredAt ?? record?.rangAt ?? 0
    }
    case 'callers':
      return state.tables.callers.get(row)?.lastAt ?? 0
  }
}

const named = {
  sessions: 'session',
  visitors: 'visitor',
  calls: 'call',
  callers: 'caller',
  producers: 'producer',
} as const

function forgettings(state: State): Outcome[] {
  const outcomes: Outcome[] = []
  while (outcomes.length < limits.forgetPerPulseMax) {
    const first = state.forgets.first(key => forgetAt(state, key))
    if (first === null || first.at > state.now) break
    state.forgets.removeFirst()
    const { table, row } = splitForget(first.key)
    const tenant = table === 'producers' ? '' : (state.tables[table].get(row) as { tenant: string }).tenant
    outcomes.push({ kind: 'forgotten', tenant, what: named[table], key: row, because: 'retention' })
  }
  return outcomes
}
