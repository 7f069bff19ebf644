import { endOf, sessionOf } from '../core/life.ts'
import { matchAt } from '../core/match.ts'
import type { Match } from '../core/outcome.ts'
import type { Claim, Session } from '../core/records.ts'
import { isVisitorRestricted } from '../core/restrict.ts'
import type { State, TenantIndex } from '../core/state.ts'
import type { HeldNumber, HolderFacts, VisitFacts, VisitReply, VisitRequest } from '../core/wire/visits.ts'
import type { PhoneNumber } from '../core/words.ts'

type Asked = Exclude<VisitRequest, { kind: 'phrases' }>

/**
 * What an owner answers of a visit, and of who held a number: looked up, by the rules by which calls are matched. `now` is
 * the clock's: where nothing is told the log's time stands still, and numbers are given up all the same.
 */
export function answerVisits(state: State, request: Asked, current: boolean, now: number): VisitReply {
  const index = state.tenants.get(request.tenant)
  if (request.kind === 'visit') {
    const session = index?.sessions.get(request.session)
    const visit = index === undefined || session === undefined ? null : visitOf(index, session)
    return { kind: 'visit', current, visit }
  }
  const latest = Math.max(now, state.now)
  const at = Math.min(request.at ?? latest, latest)
  const holder = index === undefined ? null : holderOf(state, index, request.b as PhoneNumber, at)
  return { kind: 'holder', current, holder }
}

function visitOf(index: TenantIndex, session: Session): VisitFacts {
  const { visitor, site, source, startedAt, endedAt, spans } = session
  const restricted = isVisitorRestricted(index, visitor)
  if (restricted)
    return { visitor, restricted, site, source: null, startedAt, endedAt, spans: [], numbers: [] }
  const numbers = session.numbers.flatMap(number => {
    const claims = index.numbers.get(number)?.claims ?? []
    return claims.filter(claim => claim.session === session.session).map(claim => held(index, number, claim))
  })
  const inOrder = numbers.sort((one, other) => one.from - other.from)
  return { visitor, restricted, site, source, startedAt, endedAt, spans, numbers: inOrder }
}

function held(index: TenantIndex, number: PhoneNumber, claim: Claim): HeldNumber {
  const { target, from, shared } = claim
  return { number, target, from, until: endOf(claim, sessionOf(index, claim)), shared }
}

function holderOf(state: State, index: TenantIndex, b: PhoneNumber, at: number): HolderFacts | null {
  const pool = index.poolOfNumber.get(b)
  const record = index.numbers.get(b)
  if (pool === undefined && record === undefined && !index.statics.has(b)) return null
  const question = { index, a: null, b, at, carrier: '', call: '', ahead: false, restricted: false }
  const match = shown(index, matchAt(state, question))
  const claim = record?.claims.findLast(
    one => one.session !== null && one.session === match.session && one.from <= at,
  )
  const isBeyond = at < state.now - index.policy.latenessMs
  return {
    at,
    pool: pool?.policy.id ?? null,
    match,
    held: claim === undefined ? null : held(index, b, claim),
    remembered: !isBeyond || match.session !== null,
  }
}

/** Nothing of a visitor who is restricted is used: the number was held, and by whom is not said. */
function shown(index: TenantIndex, match: Match): Match {
  const candidates = match.candidates.filter(({ visitor }) => !isVisitorRestricted(index, visitor))
  if (match.visitor === null || !isVisitorRestricted(index, match.visitor)) return { ...match, candidates }
  return { ...match, session: null, visitor: null, source: null, candidates }
}
