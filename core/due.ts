import { lastLife, overAt } from './life.ts'
import type { Caller, CallRow, Producer, Session } from './records.ts'
import type { State, TenantIndex } from './state.ts'

/** When rows end or are forgotten (rules E3, F1, F2, F5). What is past its time counts as unknown, swept or not. */

export function forgetSessionAt({ policy }: TenantIndex, session: Session): number {
  const since = Math.max(lastLife(session), session.withdrawnAt ?? 0)
  return since + Math.max(policy.retentionMs, session.holdMs + policy.latenessMs)
}

export function isRemembered(index: TenantIndex, session: Session, now: number): boolean {
  return now < forgetSessionAt(index, session)
}

export function forgetCallAt({ policy }: TenantIndex, call: CallRow): number {
  let latest = 0
  for (const heard of call.heard) latest = Math.max(latest, heard.at)
  return latest + policy.retentionMs
}

/** The call's record, unless its time is over. */
export function rememberedCall(index: TenantIndex, key: string, now: number): CallRow | undefined {
  const call = index.calls.get(key)
  return call !== undefined && now < forgetCallAt(index, call) ? call : undefined
}

export function forgetCallerAt({ policy }: TenantIndex, caller: Caller): number {
  return (caller.calls.at(-1)?.rangAt ?? 0) + policy.retentionMs
}

/** Longer than the log is kept: what comes after that cannot be a repetition of what the log held. */
const producerRememberedMs = 7 * 86_400_000

export function forgetProducerAt(producer: Producer): number {
  return producer.lastAt + producerRememberedMs
}

/** The true times of what is filed in a queue; null: it is gone, or waits in another queue. */
export const truths = {
  ends: (index: TenantIndex) => (key: string) => {
    const session = index.sessions.get(key)
    return session === undefined || session.endedAt !== null ? null : overAt(index, session)
  },
  sessions: (index: TenantIndex) => (key: string) => {
    const session = index.sessions.get(key)
    return session === undefined || session.endedAt === null ? null : forgetSessionAt(index, session)
  },
  calls: (index: TenantIndex) => (key: string) => {
    const call = index.calls.get(key)
    return call === undefined ? null : forgetCallAt(index, call)
  },
  callers: (index: TenantIndex) => (key: string) => {
    const caller = index.callers.get(key)
    return caller === undefined ? null : forgetCallerAt(index, caller)
  },
  producers: (state: State) => (key: string) => {
    const producer = state.tables.producers.get(key)
    return producer === undefined ? null : forgetProducerAt(producer)
  },
}

/** Files a session where it waits now. */
export function fileSession(index: TenantIndex, session: Session): void {
  const { due } = index
  if (session.endedAt === null) due.ends.file(session.session, overAt(index, session))
  else due.sessions.file(session.session, forgetSessionAt(index, session))
}

export function fileCall(index: TenantIndex, key: string, call: CallRow): void {
  index.carriers.add(call.carrier)
  index.due.calls.file(key, forgetCallAt(index, call))
}

/** Files every row of a tenant. */
export function fileAll(index: TenantIndex): void {
  for (const [, session] of index.sessions.entries()) fileSession(index, session)
  for (const [key, call] of index.calls.entries()) fileCall(index, key, call)
  for (const [key, caller] of index.callers.entries())
    index.due.callers.file(key, forgetCallerAt(index, caller))
}
