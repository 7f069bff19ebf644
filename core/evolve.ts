import { limits } from './limits.ts'
import type { CallRecord, Forgotten, NumberLent, Outcome, SessionEnded, SessionOpened } from './outcome.ts'
import { freeAt } from './life.ts'
import type { Caller, Claim, Session } from './records.ts'
import {
  callerKey,
  callKey,
  fileCall,
  fileSession,
  indexPolicy,
  numberKey,
  type State,
  visitorKey,
} from './state.ts'
import type { LogTime, PhoneNumber, SessionId } from './words.ts'

/** Makes an outcome so. The only code that changes the state. */
export function evolve(state: State, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'configured':
      state.tables.policies.set(outcome.tenant, { version: outcome.version, policy: outcome.policy })
      return indexPolicy(state, outcome.tenant, outcome.policy)
    case 'session-opened':
      return open(state, outcome)
    case 'session-joined':
    case 'session-seen':
      return live(state, outcome.session)
    case 'session-ended':
      return end(state, outcome)
    case 'number-lent':
      return lend(state, outcome)
    case 'page-viewed':
    case 'engaged':
      return countEvent(state, outcome)
    case 'call-changed':
      return changeCall(state, outcome.tenant, outcome.record)
    case 'forgotten':
      return forget(state, outcome)
    default:
      return
  }
}

const defaultIdleMs = 5 * 60_000
const defaultTailMs = 20 * 60_000

function open(state: State, { tenant, site, session, visitor, source }: SessionOpened): void {
  const now = state.now
  const record: Session = {
    tenant,
    site,
    session,
    visitor,
    startedAt: now,
    source,
    spans: [[now, now]],
    holdings: [],
    tabs: [],
    clicks: [],
    gapMs: defaultIdleMs,
    idleMs: defaultIdleMs,
    keepMs: defaultIdleMs + defaultTailMs,
    endedAt: null,
  }
  state.tables.sessions.set(session, record)
  fileSession(state, session)
  const key = visitorKey(tenant, site, visitor)
  const before = state.tables.visitors.get(key)
  state.tables.visitors.set(key, { tenant, site, session, lastAt: now, numbers: before?.numbers ?? {} })
  state.forgets.file(`visitors ${key}`, 0)
}

/** A sign of life: the span goes on, or after a gap a new one begins. */
function live(state: State, id: SessionId): void {
  const session = state.tables.sessions.get(id) as Session
  const now = state.now
  const span = session.spans[session.spans.length - 1]
  if (span !== undefined && now - span[1] < session.gapMs) span[1] = now
  else session.spans.push([now, now])
  if (session.spans.length > limits.spansPerSessionMax) mergeOldest(session)
  state.tables.sessions.touch(id)
  const key = visitorKey(session.tenant, session.site, session.visitor)
  const visitor = state.tables.visitors.get(key)
  if (visitor === undefined) return
  visitor.lastAt = now
  state.tables.visitors.touch(key)
}

/** The bound of spans: the two oldest become one, which forgets the oldest gap. */
function mergeOldest(session: Session): void {
  const [oldest, next] = session.spans
  if (oldest !== undefined && next !== undefined) session.spans.splice(0, 2, [oldest[0], next[1]])
}

function end(state: State, { session: id, because, endedAt }: SessionEnded): void {
  const session = state.tables.sessions.get(id) as Session
  session.endedAt = endedAt
  state.tables.sessions.touch(id)
  if (because === 'idle') return
  for (const holding of session.holdings) {
    eachClaim(state, session.tenant, holding.number, claim => {
      if (claim.session !== id || claim.voidFrom !== null) return
      claim.voidFrom = state.now
      claim.freeFrom = (state.now + claim.coolDownMs) as LogTime
    })
  }
  state.tables.visitors.delete(visitorKey(session.tenant, session.site, session.visitor))
}

function eachClaim(state: State, tenant: string, number: PhoneNumber, change: (claim: Claim) => void): void {
  const key = numberKey(tenant, number)
  for (const claim of state.tables.numbers.get(key)?.claims ?? []) change(claim)
  state.tables.numbers.touch(key)
}

function lend(state: State, lent: NumberLent): void {
  const { tenant, target, number, shared, sticky } = lent
  const session = state.tables.sessions.get(lent.session) as Session
  const pool = state.tenants.get(tenant)?.pools.get(lent.pool)
  if (pool === undefined) throw new Error('a number was lent from a pool that is not there')
  const before = session.holdings.find(holding => holding.target === target)
  if (before !== undefined) endLife(state, session, before.number)
  if (sticky) takeOver(state, session, number)
  const { idleTimeoutMs: idleMs, tailMs, coolDownMs } = pool
  addClaim(state, tenant, number, {
    session: session.session,
    visitor: session.visitor,
    from: state.now,
    idleMs,
    tailMs,
    coolDownMs,
    lifeUntil: null,
    voidFrom: null,
    freeFrom: null,
  })
  const first = session.holdings.length === 0
  session.holdings = [
    ...session.holdings.filter(holding => holding.target !== target),
    { target, pool: pool.id, number, shared },
  ]
  session.gapMs = first ? idleMs : Math.min(session.gapMs, idleMs)
  session.idleMs = first ? idleMs : Math.max(session.idleMs, idleMs)
  session.keepMs = first ? idleMs + tailMs : Math.max(session.keepMs, idleMs + tailMs)
  const key = visitorKey(tenant, session.site, session.visitor)
  const visitor = state.tables.visitors.get(key)
  if (visitor !== undefined) visitor.numbers[pool.id] = number
  state.tables.visitors.touch(key)
  state.tables.sessions.touch(session.session)
  // A pool with short times makes the session end earlier than it was filed under.
  if (first) state.ends.hasten(session.session, 0)
}

function endLife(state: State, session: Session, number: PhoneNumber): void {
  eachClaim(state, session.tenant, number, claim => {
    if (claim.session === session.session && claim.lifeUntil === null) claim.lifeUntil = state.now
  })
}

function takeOver(state: State, session: Session, number: PhoneNumber): void {
  eachClaim(state, session.tenant, number, claim => {
    if (claim.visitor !== session.visitor || claim.voidFrom !== null) return
    claim.voidFrom = state.now
    claim.freeFrom = state.now
  })
}

/** Adds a claim; those that ended before the lateness began leave memory, and above the bound the oldest go first. */
function addClaim(state: State, tenant: string, number: PhoneNumber, claim: Claim): void {
  const key = numberKey(tenant, number)
  const record = state.tables.numbers.get(key) ?? { tenant, number, claims: [] }
  const kept = record.claims.filter(one => freeAt(state, one) > state.now - limits.latenessMs)
  record.claims = [...kept, claim].slice(-limits.assignmentsPerNumberMax)
  state.tables.numbers.set(key, record)
}

type Event = Extract<Outcome, { kind: 'page-viewed' | 'engaged' }>

function countEvent(state: State, event: Event): void {
  const session = state.tables.sessions.get(event.session) as Session
  const others = session.tabs.filter(([tab]) => tab !== event.tab)
  session.tabs = [...others, [event.tab, event.id] as [string, number]].slice(-limits.tabsPerSessionMax)
  if (event.kind === 'page-viewed') session.source ??= event.source
  if (event.kind === 'engaged' && event.action === 'click' && event.number !== null) {
    session.clicks = [...session.clicks, { number: event.number, at: state.now }].slice(-4)
  }
  state.tables.sessions.touch(event.session)
}

function changeCall(state: State, tenant: string, record: CallRecord): void {
  const key = callKey(tenant, record.carrier, record.call)
  const row = { tenant, record }
  state.tables.calls.set(key, row)
  fileCall(state, key, row)
  if (record.a === null) return
  const caller = callerKey(tenant, record.a)
  const known = state.tables.callers.get(caller)
  if (known === undefined && state.tables.callers.size >= limits.callersPerTenantMax) return
  state.tables.callers.set(caller, withCall(known ?? newCaller(tenant, key, record), key, record))
  state.forgets.file(`callers ${caller}`, 0)
}

function newCaller(tenant: string, key: string, record: CallRecord): Caller {
  return { tenant, firstCall: key, firstAt: record.rangAt, lastAt: record.rangAt, attributions: [] }
}

const attributed = new Set(['exact', 'tail', 'cooldown', 'shared'])

function withCall(caller: Caller, key: string, record: CallRecord): Caller {
  const { rangAt, match } = record
  const earlier = rangAt < caller.firstAt || caller.firstCall === key
  const others = caller.attributions.filter(one => one.call !== key)
  const { kind, session, visitor, source, confidence } = match
  const mine =
    attributed.has(kind) && session !== null && visitor !== null
      ? [{ call: key, rangAt, kind, session, visitor, source, confidence }]
      : []
  return {
    tenant: caller.tenant,
    firstCall: earlier ? key : caller.firstCall,
    firstAt: earlier ? rangAt : caller.firstAt,
    lastAt: Math.max(caller.lastAt, rangAt) as LogTime,
    attributions: [...others, ...mine]
      .sort((x, y) => x.rangAt - y.rangAt)
      .slice(-limits.attributionsPerCallerMax),
  }
}

function forget(state: State, { what, key }: Forgotten): void {
  if (what === 'call') {
    const row = state.tables.calls.get(key)
    if (row !== undefined) dropCallKey(state, `${row.tenant} ${row.record.call}`, key)
  }
  const tables = {
    session: 'sessions',
    visitor: 'visitors',
    call: 'calls',
    caller: 'callers',
    producer: 'producers',
  } as const
  state.tables[tables[what]].delete(key)
}

function dropCallKey(state: State, id: string, key: string): void {
  const left = (state.callKeys.get(id) ?? []).filter(one => one !== key)
  if (left.length === 0) state.callKeys.delete(id)
  else state.callKeys.set(id, left)
}
