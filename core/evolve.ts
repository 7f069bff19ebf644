import { changeCall, forgetCall, forgetCaller } from './evolveCall.ts'
import { endTenant, eraseSubjects, restrictSubjects, withdraw } from './evolveSubjects.ts'
import { addClaim, cutClaims, dropClaims, lapse } from './claims.ts'
import { fileSession } from './due.ts'
import type { Forgotten, NumberLent, Outcome, SessionEnded, SessionOpened } from './outcome.ts'
import type { Source } from './policy.ts'
import type { Session, Visitor } from './records.ts'
import { indexPolicy, type State, type TenantIndex, tenantTables, visitorKey } from './state.ts'
import { isTouch } from './touches.ts'
import type { SessionId } from './words.ts'

/**
 * Makes an outcome so. The only code that changes the state, with the leaves in `claims.ts`,
 * `evolveCall.ts` and `evolveSubjects.ts`.
 */
export function evolve(state: State, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'configured':
      state.tables.policies.set(outcome.tenant, { version: outcome.version, policy: outcome.policy })
      state.tables.ended.delete(outcome.tenant)
      for (const table of tenantTables(state)) table.of(outcome.tenant).leaveAtOnce()
      return indexPolicy(state, outcome.tenant, outcome.policy)
    case 'session-opened':
      return open(state, indexOf(state, outcome.tenant), outcome)
    case 'session-joined':
    case 'session-seen':
      return live(state, indexOf(state, outcome.tenant), outcome.session)
    case 'session-ended':
      return end(indexOf(state, outcome.tenant), outcome)
    case 'visitor-withdrew':
      return withdraw(state, indexOf(state, outcome.tenant), visitorKey(outcome.site, outcome.visitor))
    case 'subject-erased':
      return eraseSubjects(state, indexOf(state, outcome.tenant), outcome)
    case 'subject-restricted':
      return restrictSubjects(state, indexOf(state, outcome.tenant), outcome)
    case 'tenant-ended':
      return endTenant(state, outcome)
    case 'number-lent':
      return lend(state, indexOf(state, outcome.tenant), outcome)
    case 'page-viewed':
    case 'engaged':
      return countEvent(state, indexOf(state, outcome.tenant), outcome)
    case 'call-changed':
      return changeCall(indexOf(state, outcome.tenant), outcome.record)
    case 'forgotten':
      return forget(state, outcome)
    default:
      return
  }
}

function indexOf(state: State, tenant: string): TenantIndex {
  return state.tenants.get(tenant) as TenantIndex
}

const defaultIdleMs = 5 * 60_000
const defaultReachMs = 25 * 60_000

function open(state: State, index: TenantIndex, opened: SessionOpened): void {
  const { now } = state
  const { site, session, visitor, source, segments } = opened
  const record: Session = {
    site,
    session,
    visitor,
    startedAt: now,
    source,
    ...(segments !== undefined && { segments }),
    spans: [[now, now]],
    held: [],
    numbers: [],
    tabs: [],
    clicks: [],
    gapMs: defaultIdleMs,
    idleMs: defaultIdleMs,
    reachMs: defaultReachMs,
    holdMs: defaultReachMs,
    endedAt: null,
    withdrawnAt: null,
  }
  index.sessions.set(session, record)
  index.names.sessions.add(visitor, session)
  fileSession(index, record)
  const key = visitorKey(site, visitor)
  const before = index.visitors.get(key)
  index.visitors.set(key, { sessions: [...(before?.sessions ?? []), session], lent: before?.lent ?? [] })
}

/** A sign of life: the span goes on, or after a gap a new one begins, which does not revive what is past its tail. */
function live(state: State, index: TenantIndex, id: SessionId): void {
  const session = index.sessions.get(id) as Session
  const { now } = state
  const span = session.spans[session.spans.length - 1]
  lapse(index, session, now)
  if (span !== undefined && now - span[1] < session.gapMs) span[1] = now
  else {
    if (session.spans.length === state.bounds.spansPerSessionMax) session.spans.shift()
    session.spans.push([now, now])
    // A session without room for another span is over earlier.
    fileSession(index, session)
  }
  index.sessions.touch(id)
}

function end(index: TenantIndex, { session: id, endedAt }: SessionEnded): void {
  const session = index.sessions.get(id) as Session
  session.endedAt = endedAt
  session.held = []
  index.sessions.touch(id)
  fileSession(index, session)
}

function lend(state: State, index: TenantIndex, lent: NumberLent): void {
  const { now } = state
  const { target, number, shared } = lent
  const session = index.sessions.get(lent.session) as Session
  const pool = index.pools.get(lent.pool)?.policy
  if (pool === undefined) throw new Error('a number was lent from a pool that is not there')
  if (lent.sticky)
    cutClaims(index, number, now, (claim, endsAt) => claim.visitor === session.visitor && endsAt > now)
  const { idleTimeoutMs: idleMs, tailMs, coolDownMs, minHoldMs, maxHoldMs } = pool
  addClaim(index, now, {
    number,
    pool: pool.id,
    claim: {
      session: session.session,
      visitor: session.visitor,
      target,
      from: now,
      idleMs,
      tailMs,
      coolDownMs,
      ...(minHoldMs !== undefined && { minHoldMs }),
      ...(maxHoldMs !== undefined && { maxHoldMs }),
      shared,
      over: null,
      cut: null,
      nameless: false,
    },
  })
  const first = session.numbers.length === 0
  const longest = (before: number, ms: number) => (first ? ms : Math.max(before, ms))
  session.gapMs = first ? idleMs : Math.min(session.gapMs, idleMs)
  session.idleMs = longest(session.idleMs, idleMs)
  session.reachMs = longest(session.reachMs, idleMs + tailMs)
  session.holdMs = longest(session.holdMs, Math.max(idleMs + tailMs, minHoldMs ?? 0) + coolDownMs)
  if (minHoldMs !== undefined) session.keptUntil = Math.max(session.keptUntil ?? 0, now + minHoldMs)
  session.held.push({
    ...{ target, number, shared, reachMs: idleMs + tailMs },
    ...(minHoldMs !== undefined && { minUntil: now + minHoldMs }),
    ...(maxHoldMs !== undefined && { maxUntil: now + maxHoldMs }),
  })
  if (!session.numbers.includes(number)) session.numbers.push(number)
  index.sessions.touch(session.session)
  // With short times the session is over earlier than it was filed for.
  fileSession(index, session)
  const key = visitorKey(session.site, session.visitor)
  const visitor = index.visitors.get(key) as Visitor
  const others = visitor.lent.filter(one => one.target !== target)
  visitor.lent = [...others, { target, number, session: session.session }]
  index.visitors.touch(key)
}

type Event = Extract<Outcome, { kind: 'page-viewed' | 'engaged' }>

function countEvent(state: State, index: TenantIndex, event: Event): void {
  const session = index.sessions.get(event.session) as Session
  const { tabs } = session
  const place = tabs.findIndex(([tab]) => tab === event.tab)
  if (place >= 0) tabs.splice(place, 1)
  tabs.push([event.tab, event.id])
  if (tabs.length > state.bounds.tabsPerSessionMax) tabs.shift()
  if (event.kind === 'page-viewed') noteSource(state, session, event.source)
  else if (event.action === 'click' && event.number !== null) {
    session.clicks.push({ number: event.number, at: state.now })
    if (session.clicks.length > state.bounds.clicksPerSessionMax) session.clicks.shift()
  }
  index.sessions.touch(event.session)
}

/** Rules V5 and T1. */
function noteSource(state: State, session: Session, source: Source): void {
  if (isTouch(session, source)) {
    session.touches ??= []
    session.touches.push({ at: state.now, source })
    if (session.touches.length > state.bounds.touchesPerSessionMax) session.touches.shift()
  }
  session.source ??= source
}

function forget(state: State, { tenant, what, keys }: Forgotten): void {
  if (what === 'producer') return keys.forEach(key => void state.tables.producers.delete(key))
  const index = indexOf(state, tenant)
  for (const key of keys) {
    if (what === 'session') forgetSession(index, key)
    else if (what === 'call') forgetCall(index, key)
    else forgetCaller(index, key)
  }
}

/** With a session go its claims, and with a visitor's last session the visitor. */
function forgetSession(index: TenantIndex, id: string): void {
  const session = index.sessions.get(id) as Session
  for (const number of session.numbers) dropClaims(index, number, claim => claim.session === id)
  index.sessions.delete(id)
  index.names.sessions.remove(session.visitor, id)
  const key = visitorKey(session.site, session.visitor)
  const visitor = index.visitors.get(key)
  if (session.withdrawnAt !== null || visitor === undefined) return
  visitor.sessions = visitor.sessions.filter(one => one !== id)
  if (visitor.sessions.length === 0) index.visitors.delete(key)
  else index.visitors.touch(key)
}
