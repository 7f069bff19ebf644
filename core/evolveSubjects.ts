import { cutClaims, unnameClaims } from './claims.ts'
import { forgetCaller } from './evolveCall.ts'
import { revised } from './history.ts'
import { callsNaming, nameCall, nameCaller } from './names.ts'
import type { CallRecord, HeardSignal, Match, Outcome, SettledFact, SubjectErased } from './outcome.ts'
import { erased } from './reasons.ts'
import type { Attribution, RememberedCall, Session } from './records.ts'
import { namesOf } from './subjectNames.ts'
import { type State, type TenantIndex, tenantTables, visitorKey } from './state.ts'

/** How people and tenants leave: the leaves of `evolve.ts`, and used by nothing else. */

/** Cuts every running claim of the visitor's sessions on a site, and forgets what led to them. */
export function withdraw(state: State, index: TenantIndex, key: string): void {
  const { now } = state
  for (const id of index.visitors.get(key)?.sessions ?? []) {
    const session = index.sessions.get(id) as Session
    for (const number of session.numbers) {
      cutClaims(index, number, now, (claim, endsAt) => {
        if (claim.session !== id || claim.cut !== null || endsAt <= now) return false
        claim.nameless = true
        return true
      })
    }
    session.withdrawnAt = now
    index.sessions.touch(id)
  }
  index.visitors.delete(key)
}

type Restricted = Extract<Outcome, { kind: 'subject-restricted' }>

/** Rules P5 to P7. */
export function restrictSubjects(state: State, index: TenantIndex, outcome: Restricted): void {
  const { mode, request, visitors, since: at = state.now } = outcome
  const names = namesOf(outcome)
  if (mode === 'lifted') return names.forEach(name => void index.restricted.delete(name))
  for (const name of names) index.restricted.set(name, { mode, request, at })
  for (const visitor of visitors) {
    for (const id of index.names.sessions.of(visitor)) {
      const session = index.sessions.get(id) as Session
      if (session.withdrawnAt === null) withdraw(state, index, visitorKey(session.site, visitor))
    }
  }
}

/** Rules P1 to P4. */
export function eraseSubjects(state: State, index: TenantIndex, outcome: SubjectErased): void {
  const { visitors, callers, sessions } = outcome
  const gone: Gone = { visitors: new Set(visitors), callers: new Set(callers) }
  for (const key of callsNaming(index.names, outcome)) unnameCall(state, index, key, gone)
  for (const visitor of visitors) for (const a of index.names.linked.of(visitor)) unlink(index, a, gone)
  for (const a of callers) forgetCaller(index, a)
  for (const id of sessions) eraseSession(state, index, id)
  for (const name of namesOf(outcome))
    if (index.restricted.get(name)?.mode === 'restricted') index.restricted.delete(name)
}

type Gone = { readonly visitors: ReadonlySet<string>; readonly callers: ReadonlySet<string> }

/** Rule P3. */
function unnameCall({ now }: State, index: TenantIndex, key: string, gone: Gone): void {
  const before = index.calls.get(key) as CallRecord
  const a = withoutFact(before, 'a', gone)
  const c = withoutFact(a, 'c', gone)
  const after: CallRecord = {
    ...c,
    ...(isGone(before.match, gone) && { shownMs: null, touches: [] }),
    match: unnamed(before.match, gone),
    history: revised(before, { at: now, because: 'erased', match: null }),
  }
  index.calls.set(key, after)
  nameCall(index.names, key, before, after)
}

function isGone({ visitor }: Match, { visitors }: Gone): boolean {
  return visitor !== null && visitors.has(visitor)
}

function unnamed(match: Match, gone: Gone): Match {
  const isNobody = isGone(match, gone)
  return {
    ...match,
    session: isNobody ? null : match.session,
    visitor: isNobody ? null : match.visitor,
    candidates: match.candidates.filter(one => !gone.visitors.has(one.visitor)),
    reasons: match.reasons.includes(erased) ? match.reasons : [...match.reasons, erased],
  }
}

/** The record without A, or C, where that is somebody who goes; else what its signals said of them is gone. */
function withoutFact(record: CallRecord, fact: SettledFact, { callers }: Gone): CallRecord {
  const isOne = (one: string | null) => one !== null && callers.has(one)
  const isTheirs = isOne(record[fact])
  if (!isTheirs && !record.heard.some(one => isOne(one[fact]))) return record
  const heard = record.heard.map(
    (one): HeardSignal => (isTheirs || isOne(one[fact]) ? { ...one, [fact]: null } : one),
  )
  const settled = [...new Set([...(record.settled ?? []), fact])].sort()
  if (!isTheirs) return { ...record, heard, settled }
  const nameless = { ...record, [fact]: null, heard, settled }
  return fact === 'a' ? { ...nameless, firstTime: null, duplicateOf: null } : nameless
}

/** What a caller remembers of calls that went to them went to nobody. */
function unlink(index: TenantIndex, a: string, { visitors }: Gone): void {
  const before = index.callers.get(a)
  if (before === undefined) return
  const keeps = (to: Attribution | null) => to !== null && !visitors.has(to.visitor)
  const calls = before.calls.map((one): RememberedCall => (keeps(one.to) ? one : { ...one, to: null }))
  nameCaller(index.names, a, before, { calls })
  index.callers.set(a, { calls })
}

function eraseSession(state: State, index: TenantIndex, id: string): void {
  const session = index.sessions.get(id) as Session
  for (const number of session.numbers) unnameClaims(index, number, state.now, session)
  index.sessions.delete(id)
  index.names.sessions.remove(session.visitor, id)
  index.visitors.delete(visitorKey(session.site, session.visitor))
}

type TenantEnded = Extract<Outcome, { kind: 'tenant-ended' }>

/** Rule P9. */
export function endTenant(state: State, { tenant, request }: TenantEnded): void {
  const { tables, tenants } = state
  for (const table of tenantTables(state)) table.of(tenant).clear()
  tables.policies.delete(tenant)
  tables.ended.set(tenant, { request, at: state.now })
  tenants.delete(tenant)
  state.inOrder = state.inOrder.filter(index => index.id !== tenant)
}
