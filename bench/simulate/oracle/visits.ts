import type { Beats, ConsentWithdrawn, Engagement, Hello, Page } from '../../../core/input.ts'
import type { Outcome } from '../../../core/outcome.ts'
import type { LogTime, SessionId } from '../../../core/words.ts'
import {
  type Facts,
  isKnown,
  isRestricted,
  knownSession,
  lendingsOf,
  policyOf,
  type SessionFact,
} from './facts.ts'
import { noneNeeded, roomForSession } from './forget.ts'
import {
  canBeContinued,
  continuableUntil,
  durationsOf,
  endOf,
  lastSign,
  longestHold,
  signNow,
  tailEndOf,
} from './life.ts'
import { chooseNumbers, show } from './numbers.ts'

/** Rules V1 to V7: whose event it is, what it counts for, and what the page is told. */

type Visit = Hello | Page | Engagement

export function predictVisit(facts: Facts, input: Visit): Outcome[] {
  const { tenant } = input
  const refusal = refuseSite(facts, input)
  if (refusal !== null) return [refusal]
  if (isRestricted(facts, tenant, 'visitor', input.visitor))
    return [{ kind: 'refused', tenant, problem: 'restricted', call: null }]
  const ended = announceEnded(facts, input)
  const before = continuedSession(facts, input)
  const lostNumber = before !== undefined && hasNumberPastTail(facts, before)
  const names = before !== undefined && 'session' in input && input.session === before.session
  const isUsed = facts.sessions.some(
    one => one.tenant === tenant && one.session === input.freshSession && !one.gone,
  )
  if (before === undefined && isUsed) return [...ended, { kind: 'repeated', what: 'event' }]
  const room = before === undefined ? roomForSession(facts, tenant) : noneNeeded
  if (room === null) return [...ended, { kind: 'refused', tenant, problem: 'overloaded', call: null }]
  const session = before ?? open(facts, input)
  const sign = signNow(facts, session)
  const isTold = input.kind === 'hello' || !names || lostNumber
  const shown = isTold ? chooseNumbers(facts, session, input.targets) : []
  room.forget()
  const numbers = shown.map(one => show(facts, session, one))
  session.signs.push(sign)
  return [
    ...ended,
    ...room.outcomes,
    belonging(session, before === undefined, names),
    ...countEvent(facts, session, input),
    ...numbers,
  ]
}

function refuseSite(facts: Facts, input: Visit | ConsentWithdrawn): Outcome | null {
  const { tenant } = input
  const policy = policyOf(facts, tenant)
  if (policy === null) return { kind: 'refused', tenant, problem: 'unknown-tenant', call: null }
  if (policy.sites.some(site => site.key === input.site)) return null
  return { kind: 'refused', tenant, problem: 'unknown-site', call: null }
}

type Place = { readonly tenant: string; readonly site: string; readonly visitor: string }

function sessionsOf(facts: Facts, { tenant, site, visitor }: Place): SessionFact[] {
  return facts.sessions.filter(
    one => one.tenant === tenant && one.site === site && one.visitor === visitor && !one.gone,
  )
}

/** Rule V1. */
function continuedSession(facts: Facts, place: Place): SessionFact | undefined {
  return sessionsOf(facts, place).find(session => canBeContinued(facts, session))
}

/** Rule E4: the visitor's next event announces what is over, also if it is past its time by now. */
function announceEnded(facts: Facts, place: Place): Outcome[] {
  const over = sessionsOf(facts, place).filter(
    session => session.announcedIn === null && facts.now >= continuableUntil(facts, session),
  )
  return over.map(session => announce(facts, session))
}

type Because = Extract<Outcome, { kind: 'session-ended' }>['because']

/** That a session is over: by itself (rule E4), or now. */
export function announce(facts: Facts, session: SessionFact, because: Because = 'idle'): Outcome {
  session.announcedIn = facts.entry
  const { tenant, visitor, openedAt } = session
  const endedAt = because === 'idle' ? lastSign(session) + durationsOf(facts, session).idleMs : facts.now
  return {
    kind: 'session-ended',
    tenant,
    session: session.session,
    visitor,
    startedAt: openedAt as LogTime,
    endedAt: endedAt as LogTime,
    because,
  }
}

/** A message that comes again long after may open a session under the id of one that is forgotten: another session. */
function setApart(facts: Facts, id: SessionId): void {
  const apart = `${id} until entry ${facts.entry}` as SessionId
  for (const facet of [facts.sessions, facts.lendings, facts.counted, facts.clicks])
    for (const fact of facet) if (fact.session === id) fact.session = apart
}

function open(facts: Facts, input: Visit): SessionFact {
  const { tenant, site, visitor, freshSession } = input
  setApart(facts, freshSession)
  const session: SessionFact = {
    tenant,
    site,
    visitor,
    session: freshSession,
    openedAt: facts.now,
    order: facts.order,
    source: null,
    segments: input.segments ?? null,
    signs: [],
    withdrawnAt: null,
    announcedIn: null,
    past: false,
    gone: false,
  }
  if (input.kind !== 'engagement') session.source = input.page?.source ?? null
  facts.sessions.push(session)
  return session
}

function belonging(session: SessionFact, isNew: boolean, isNamed: boolean): Outcome {
  const { tenant, site, visitor, source, segments } = session
  const of = segments === null ? {} : { segments }
  if (isNew) return { kind: 'session-opened', tenant, site, session: session.session, visitor, source, ...of }
  return { kind: isNamed ? 'session-seen' : 'session-joined', tenant, session: session.session }
}

/** Rule V4, and V5 for a session that had no source yet. */
function countEvent(facts: Facts, session: SessionFact, input: Visit): Outcome[] {
  if (input.kind === 'hello' && input.page === null) return []
  const { tab, tenant } = input
  const id = eventId(input)
  const highest = highestRemembered(facts, session.session, tab)
  if (highest !== null && (input.kind === 'hello' || id <= highest))
    return [{ kind: 'repeated', what: 'event' }]
  const seen = input.kind === 'engagement' ? null : (input.page?.source ?? null)
  facts.counted.push({ session: session.session, tab, id, order: facts.order, at: facts.now, source: seen })
  const where = { tenant, session: session.session, tab, id }
  if (input.kind === 'engagement') {
    const { action, number } = input
    if (action === 'click' && number !== null)
      facts.clicks.push({ session: session.session, number, at: facts.now })
    return [{ kind: 'engaged', ...where, action, number }]
  }
  const source = (input.page as NonNullable<typeof input.page>).source
  session.source ??= source
  return [{ kind: 'page-viewed', ...where, source }]
}

function eventId(input: Visit): number {
  return input.kind === 'engagement' ? input.id : (input.page?.id ?? 0)
}

/** The tabs with the latest counted events, replayed from the first event on; null: the tab is not among them. */
function highestRemembered(facts: Facts, session: SessionId, tab: string): number | null {
  let tabs: { tab: string; id: number }[] = []
  for (const event of facts.counted) {
    if (event.session !== session) continue
    tabs = [...tabs.filter(one => one.tab !== event.tab), { tab: event.tab, id: event.id }]
    tabs = tabs.slice(-facts.bounds.tabsPerSessionMax)
  }
  return tabs.find(one => one.tab === tab)?.id ?? null
}

/** Rules V3 and V7: a number whose tail, or longest hold, ended since the session's last sign of life. */
function hasNumberPastTail(facts: Facts, session: SessionFact): boolean {
  const last = lastSign(session)
  return lendingsOf(facts, session.session).some(lending => {
    const end = Math.min(tailEndOf(facts, lending), longestHold(lending))
    return lending.takenOverAt === null && end > last && end <= facts.now
  })
}

/** Rules V2 and V3. */
export function predictBeats(facts: Facts, { tenant, sessions }: Beats): Outcome[] {
  return sessions.map(id => {
    const session = knownSession(facts, id)
    const isFine =
      session?.tenant === tenant && canBeContinued(facts, session) && !hasNumberPastTail(facts, session)
    if (!isFine) return { kind: 'session-gone', tenant, session: id }
    session.signs.push(signNow(facts, session))
    return { kind: 'session-seen', tenant, session: id }
  })
}

/** Rule V6. */
export function predictWithdrawal(facts: Facts, input: ConsentWithdrawn): Outcome[] {
  const refusal = refuseSite(facts, input)
  if (refusal !== null) return [refusal]
  const { tenant, site, visitor } = input
  const ended = announceEnded(facts, input)
  const known = sessionsOf(facts, input).filter(session => isKnown(session) && session.withdrawnAt === null)
  if (known.length === 0) return [...ended, { kind: 'repeated', what: 'event' }]
  const current = continuedSession(facts, input)
  const left = current === undefined ? [] : [announce(facts, current, 'consent-withdrawn')]
  for (const session of sessionsOf(facts, input)) withdrawNow(facts, session)
  const withdrew: Outcome = { kind: 'visitor-withdrew', tenant, site, visitor }
  return [...ended, withdrew, ...left]
}

export function withdrawNow(facts: Facts, session: SessionFact): void {
  session.withdrawnAt ??= facts.now
  for (const lending of lendingsOf(facts, session.session)) {
    if (endOf(facts, lending) > facts.now && lending.takenOverAt === null) lending.withdrawnAt ??= facts.now
  }
}
