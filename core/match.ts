import {
  confidence,
  coolDownConfidence,
  returningConfidence,
  sharedKnown,
  tailConfidence,
} from './confidence.ts'
import { freeAt, phaseAt, type Phase } from './life.ts'
import { limits } from './limits.ts'
import type { Candidate, Match } from './outcome.ts'
import type { Source } from './policy.ts'
import type { Claim } from './records.ts'
import { callerKey, numberKey, type State, type TenantIndex } from './state.ts'
import type { PerMille, PhoneNumber, Pseudonym, SessionId } from './words.ts'

/** What is asked: whose visit held B at T. `call` is left out of what is known of the caller. */
export type Question = {
  readonly index: TenantIndex
  readonly tenant: string
  readonly call: string
  readonly a: Pseudonym | null
  readonly b: PhoneNumber
  readonly at: number
  readonly reasons: readonly string[]
}

type Standing = { readonly claim: Claim; readonly phase: Exclude<Phase, 'none'>; readonly quietMs: number }

const clickWindowMs = 120_000

/** The first rule that holds wins; every rule that was considered is in the reasons. */
export function matchAt(state: State, question: Question): Match {
  const reasons = [...question.reasons]
  const standings = standingsOn(state, question)
  const held = fromHolders(state, question, standings, reasons)
  if (held !== null) return { ...held, reasons }
  return { ...fromElsewhere(state, question, reasons), reasons }
}

type Verdict = Omit<Match, 'reasons'>

function standingsOn(state: State, { tenant, b, at }: Question): Standing[] {
  const standings: Standing[] = []
  for (const claim of state.tables.numbers.get(numberKey(tenant, b))?.claims ?? []) {
    const { phase, quietMs } = phaseAt(state, claim, at)
    if (phase === 'none') continue
    const same = standings.findIndex(standing => standing.claim.session === claim.session)
    if (same >= 0) standings.splice(same, 1)
    standings.push({ claim, phase, quietMs })
  }
  return standings
}

function fromHolders(
  state: State,
  question: Question,
  standings: readonly Standing[],
  reasons: string[],
): Verdict | null {
  const [only] = standings
  if (only === undefined) {
    reasons.push('exact:no-holder', 'tail:no-holder', 'cooldown:no-holder', 'shared:no-holder')
    return null
  }
  if (standings.length > 1) {
    reasons.push(`exact:${standings.length}-claims`, `shared:${standings.length}-claims`)
    return shared(state, question, standings)
  }
  const seconds = Math.trunc(only.quietMs / 1_000)
  if (only.phase === 'alive') {
    reasons.push('exact:one-holder-alive')
    return verdict(state, 'exact', only.claim, confidence.exact)
  }
  reasons.push('exact:session-over')
  if (only.phase === 'tail') {
    reasons.push(`tail:quiet-${seconds}s`)
    return verdict(state, 'tail', only.claim, tailConfidence(only.quietMs))
  }
  reasons.push('tail:tail-over', `cooldown:quiet-${seconds}s`)
  return verdict(state, 'cooldown', only.claim, coolDownConfidence(only.quietMs))
}

function verdict(state: State, kind: Match['kind'], claim: Claim, share: PerMille): Verdict {
  const candidates = [{ session: claim.session, visitor: claim.visitor, confidence: share }]
  return {
    kind,
    confidence: share,
    session: claim.session,
    visitor: claim.visitor,
    source: sourceOf(state, claim.session),
    candidates,
  }
}

function sourceOf(state: State, session: SessionId): Source | null {
  return state.tables.sessions.get(session)?.source ?? null
}

/** Splits what is known between the candidates by evidence, and leaves a share unknown. */
function shared(state: State, question: Question, standings: readonly Standing[]): Verdict {
  const weighed = standings
    .map(standing => ({ standing, weight: evidence(state, question, standing) }))
    .sort((a, b) => b.weight - a.weight || (a.standing.claim.session < b.standing.claim.session ? -1 : 1))
  const sum = weighed.reduce((total, one) => total + one.weight, 0)
  const candidates = weighed.slice(0, limits.candidatesMax).map(({ standing, weight }): Candidate => {
    const { session, visitor } = standing.claim
    return { session, visitor, confidence: Math.trunc((weight * sharedKnown) / sum) as PerMille }
  })
  const best = candidates[0] as Candidate
  return { kind: 'shared', ...best, source: sourceOf(state, best.session), candidates }
}

const phaseWeights = { alive: 100, tail: 40, cooldown: 10 } as const

/** Integer weights: phase and recency, a click on the number moments ago, a caller known from before. */
function evidence(
  state: State,
  { tenant, call, a, b, at }: Question,
  { claim, phase, quietMs }: Standing,
): number {
  const session = state.tables.sessions.get(claim.session)
  const clicked =
    session?.clicks.some(click => click.number === b && click.at <= at && at - click.at < clickWindowMs) ??
    false
  const earlier = a === null ? [] : (state.tables.callers.get(callerKey(tenant, a))?.attributions ?? [])
  const knownCaller = earlier.some(
    one => one.call !== call && one.rangAt < at && one.visitor === claim.visitor,
  )
  const recency = 1 + Math.trunc((9 * 60_000) / (60_000 + quietMs))
  return phaseWeights[phase] * recency * (clicked ? 10 : 1) * (knownCaller ? 10 : 1)
}

function fromElsewhere(state: State, question: Question, reasons: string[]): Verdict {
  const { index, b } = question
  const fixed = index.statics.get(b)
  if (fixed !== undefined) {
    reasons.push('static:belongs-to-source')
    return {
      kind: 'static',
      confidence: confidence.static,
      session: null,
      visitor: null,
      source: fixed.source,
      candidates: [],
    }
  }
  reasons.push(index.poolOfNumber.has(b) ? 'static:pool-number' : 'static:unknown-number')
  const earlier = returningFrom(state, question, reasons)
  if (earlier !== null) return earlier
  reasons.push('none:nothing-known')
  return {
    kind: 'none',
    confidence: confidence.none,
    session: null,
    visitor: null,
    source: null,
    candidates: [],
  }
}

/** The caller's latest attribution before T, within the look-back. A withheld caller never links anything. */
function returningFrom(
  state: State,
  { index, tenant, call, a, at }: Question,
  reasons: string[],
): Verdict | null {
  if (a === null) {
    reasons.push('returning:withheld')
    return null
  }
  const since = at - index.policy.calls.returningLookBackMs
  const known = state.tables.callers.get(callerKey(tenant, a))?.attributions ?? []
  const earlier = known
    .filter(one => one.call !== call && one.rangAt < at && one.rangAt >= since)
    .sort((x, y) => y.rangAt - x.rangAt || (x.call < y.call ? -1 : 1))[0]
  if (earlier === undefined) {
    reasons.push('returning:not-known')
    return null
  }
  reasons.push('returning:attributed-before')
  const share = returningConfidence(earlier.confidence)
  const { session, visitor, source } = earlier
  return {
    kind: 'returning',
    confidence: share,
    session,
    visitor,
    source,
    candidates: [{ session, visitor, confidence: share }],
  }
}

/** Where a call to B goes: the target's, the source's, else the tenant's own. */
export function forwardOf(index: TenantIndex, b: PhoneNumber): PhoneNumber | null {
  const pool = index.poolOfNumber.get(b)
  const target = pool === undefined ? undefined : index.targetOfPool.get(pool.id)
  return target?.forward ?? index.statics.get(b)?.forward ?? index.policy.defaultForward
}

export type PoolStats = {
  pool: string
  size: number
  assigned: number
  tail: number
  coolingDown: number
  free: number
}

/** How a tenant's pools stand now. Looks at every number: for when somebody looks, not per event. */
export function poolStats(state: State, tenant: string): PoolStats[] {
  const pools = state.tenants.get(tenant)?.policy.pools ?? []
  return pools.map(pool => {
    const stats: PoolStats = {
      pool: pool.id,
      size: pool.numbers.length,
      assigned: 0,
      tail: 0,
      coolingDown: 0,
      free: 0,
    }
    for (const number of pool.numbers) stats[standing(state, tenant, number)] += 1
    return stats
  })
}

function standing(
  state: State,
  tenant: string,
  number: PhoneNumber,
): 'assigned' | 'tail' | 'coolingDown' | 'free' {
  const claims = state.tables.numbers.get(numberKey(tenant, number))?.claims ?? []
  const phases = claims.map(claim => phaseAt(state, claim, state.now).phase)
  if (phases.includes('alive')) return 'assigned'
  if (phases.includes('tail')) return 'tail'
  return claims.some(claim => freeAt(state, claim) > state.now) ? 'coolingDown' : 'free'
}
