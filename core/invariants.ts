import { checkCalls, checkProducers } from './invariantsCalls.ts'
import { broken, checkQueue } from './invariantsQueue.ts'
import { checkSubjects } from './invariantsSubjects.ts'
import { truths } from './due.ts'
import { canContinue, endOf, freeAt, heldUntil, lastLife, sessionOf, tailUntil } from './life.ts'
import type { Claim, NumberRecord, Session } from './records.ts'
import { type Pool, type State, type TenantIndex, visitorKey } from './state.ts'
import type { SessionId } from './words.ts'

/** What must hold after every step. Slow and complete: for tests and the simulator. Throws with the name of what broke. */
export function checkInvariants(state: State): void {
  checkTenants(state)
  for (const index of state.inOrder) {
    for (const [id, session] of index.sessions.entries()) checkSession(state, index, id, session)
    for (const [number, record] of index.numbers.entries()) checkNumber(state, index, number, record)
    checkVisitors(state, index)
    checkPools(index)
    checkCalls(state, index)
    checkSubjects(state, index)
    checkQueue('ends', index.due.ends, index.sessions, truths.ends(index))
    checkQueue('sessions', index.due.sessions, index.sessions, truths.sessions(index))
    if (index.sessions.size > state.bounds.sessionsPerTenantMax) broken('sessions are bounded')
  }
  checkProducers(state)
}

function checkTenants({ tables, tenants, inOrder }: State): void {
  if (inOrder.length !== tables.policies.size || tenants.size !== inOrder.length)
    broken('every tenant has a policy')
  inOrder.forEach((index, place) => {
    const before = inOrder[place - 1]
    if (before !== undefined && before.id >= index.id) broken('tenants stand in the order of their ids')
    if (tenants.get(index.id) !== index) broken('a tenant stands in the order as it is')
    if (tables.policies.get(index.id)?.policy !== index.policy)
      broken('the policy in force is the stored one')
  })
  const { sessions, visitors, numbers, calls, callers, restricted } = tables
  for (const table of [sessions, visitors, numbers, calls, callers, restricted]) {
    for (const [key] of table.entries())
      if (!tenants.has(key.slice(0, key.indexOf(' ')))) broken('every row has a tenant')
  }
  for (const [tenant] of tables.ended.entries())
    if (tenants.has(tenant)) broken('a tenant that ended is not there')
}

function checkSession(state: State, index: TenantIndex, id: string, session: Session): void {
  if (session.session !== id) broken('a session stands under its id')
  checkSpans(state, session)
  const { gapMs, idleMs, reachMs, holdMs } = session
  if (gapMs > idleMs || idleMs > reachMs || reachMs > holdMs) broken('durations are ordered')
  if (session.endedAt === null && session.withdrawnAt !== null) broken('a withdrawn session has ended')
  if (session.tabs.length > index.bounds.tabsPerSessionMax) broken('tabs are bounded')
  if (new Set(session.tabs.map(([tab]) => tab)).size !== session.tabs.length) broken('a tab stands once')
  if (session.clicks.length > index.bounds.clicksPerSessionMax) broken('clicks are bounded')
  if (session.endedAt !== null && session.held.length > 0) broken('a session that has ended holds nothing')
  checkHoldings(state, index, session)
  const last = lastLife(session)
  const isOver = state.now >= Math.max(last + reachMs, session.keptUntil ?? 0)
  if (session.endedAt === null && isOver && session.held.some(one => state.now < heldUntil(one, last)))
    broken('a session that is over holds nothing')
}

function checkSpans({ now, bounds }: State, { spans, startedAt }: Session): void {
  if (spans.length === 0 || spans.length > bounds.spansPerSessionMax) broken('a session lived, within bounds')
  spans.forEach(([from, last], place) => {
    const before = spans[place - 1]
    if (from < startedAt || from > last || last > now) broken('a span runs forward, up to now')
    if (before !== undefined && from <= before[1]) broken('between two spans is a gap')
  })
}

/** What a session holds, and the claims that are neither over nor cut, are the same. */
function checkHoldings({ now }: State, index: TenantIndex, session: Session): void {
  const { held, numbers } = session
  if (new Set(held.map(one => one.target)).size !== held.length) broken('a target shows one number')
  if (new Set(held.map(one => one.number)).size !== held.length) broken('a number stands for one target')
  if (new Set(numbers).size !== numbers.length) broken('a number is listed once')
  for (const holding of held) {
    const { target, number, shared, reachMs } = holding
    const open = (index.numbers.get(number)?.claims ?? []).filter(one => isOpen(one, session.session))
    const [claim] = open
    // Past its tail it is held until the next sign of life says so; its claim may be forgotten before.
    if (claim === undefined && now >= heldUntil(holding, lastLife(session))) continue
    if (claim === undefined || open.length > 1) broken('a number that is held has one open claim')
    if (claim.target !== target || claim.shared !== shared || claim.idleMs + claim.tailMs !== reachMs)
      broken('a holding and its claim agree')
  }
}

const isOpen = (claim: Claim, session: string) =>
  claim.session === session && claim.over === null && claim.cut === null

function checkNumber(state: State, index: TenantIndex, number: string, record: NumberRecord): void {
  const { claims } = record
  if (record.number !== number) broken('a number stands under itself')
  if (claims.length > index.bounds.claimsPerNumberMax) broken('claims are bounded')
  claims.forEach((claim, place) => {
    checkAlone(index, claim, claims.slice(0, place))
    if (claim.session === null) checkErasedClaim(claim)
    else checkClaim(state, index, record, claim, claim.session)
  })
}

function checkClaim(
  { now }: State,
  index: TenantIndex,
  { number }: NumberRecord,
  claim: Claim,
  id: SessionId,
): void {
  const session = index.sessions.get(id)
  if (session === undefined) broken('with a session go its claims')
  if (session.visitor !== claim.visitor) broken('a claim is its session’s visitor’s')
  if (!session.numbers.includes(number)) broken('a session knows where its claims are')
  const isHeld = session.endedAt === null && isOpen(claim, session.session)
  if (isHeld && !session.held.some(one => one.number === number)) broken('an open claim is held')
  if (claim.nameless && (claim.cut === null || session.withdrawnAt !== claim.cut))
    broken('a claim without a name was cut by a withdrawal')
  const over = claim.maxHoldMs === undefined ? (claim.over ?? 0) : 0
  if (Math.max(claim.from, over, claim.cut ?? 0) > now) broken('no claim is in the future')
  if (claim.over !== null && claim.over < tailUntil(claim, claim.from)) broken('a tail is over in its time')
}

/** Of a claim whose session was erased only its time is left. */
function checkErasedClaim({ visitor, nameless, cut, coolDownMs, idleMs, tailMs, over }: Claim): void {
  const isBare = visitor === null && nameless && cut !== null && over === null
  if (!isBare || idleMs + tailMs + coolDownMs !== 0) broken('a claim that was erased is bare')
}

/** A number that was lent unshared was free at that moment, or taken over, and stays so. */
function checkAlone(index: TenantIndex, claim: Claim, earlier: readonly Claim[]): void {
  for (const other of earlier) {
    if (other.from > claim.from) broken('claims stand in the order in which they were lent')
    if (!claim.shared && endOf(other, sessionOf(index, other)) > claim.from)
      broken('a number is lent to one at a time')
  }
}

/** Visitors know their remembered sessions, and only the latest of them may go on. */
function checkVisitors({ now }: State, index: TenantIndex): void {
  let known = 0
  for (const [key, visitor] of index.visitors.entries()) {
    known += visitor.sessions.length
    if (visitor.sessions.length === 0) broken('with the last session goes the visitor')
    visitor.sessions.forEach((id, place) => {
      const session = index.sessions.get(id)
      if (session === undefined || visitorKey(session.site, session.visitor) !== key)
        broken('a visitor knows its own sessions')
      if (session.withdrawnAt !== null) broken('a visitor who withdrew is forgotten')
      const isLast = place === visitor.sessions.length - 1
      if (!isLast && (session.endedAt === null || canContinue(index, session, now)))
        broken('a visitor has one session that goes on')
    })
    if (new Set(visitor.lent.map(one => one.target)).size !== visitor.lent.length)
      broken('a visitor was lent one number last for a target')
  }
  let open = 0
  for (const [, session] of index.sessions.entries()) if (session.withdrawnAt === null) open += 1
  if (open !== known) broken('every session is known to its visitor')
}

/** The number that would be lent next is the one that has been free longest. */
function checkPools(index: TenantIndex): void {
  const seen = new Set<Pool>()
  for (const [number, pool] of index.poolOfNumber) {
    if (pool.numbers[pool.places.get(number) as number] !== number) broken('a number has its place')
    seen.add(pool)
  }
  for (const pool of seen) {
    const ends = pool.numbers.map(number => freeAt(index, index.numbers.get(number)))
    const least = Math.min(...ends)
    const first = pool.free.first(pool.freeAt)
    if (first?.at !== least || first.key !== ends.indexOf(least)) broken('the longest free is lent first')
  }
}
