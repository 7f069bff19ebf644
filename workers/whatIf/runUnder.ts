import type { Input } from '../../core/input.ts'
import { decide } from '../../core/decide.ts'
import { evolve } from '../../core/evolve.ts'
import type { Match, Outcome } from '../../core/outcome.ts'
import type { TenantPolicy } from '../../core/policy.ts'
import { callKey, createState, type State, tablesOf, visitorKey } from '../../core/state.ts'
import type { LogTime, PhoneNumber, SessionId } from '../../core/words.ts'
import type { Kept, Recorded, RecordedEvent, RecordedSession } from './record.ts'
import type { Signs } from './signs.ts'
import type { Trace } from './trace.ts'

/**
 * The record once more, under a policy: the core itself is driven with what is on record, and lends, matches and ends as it
 * does at work. Who rings dials the number that they were shown here.
 */
export type Running = {
  readonly recorded: Recorded
  readonly trace: Trace
  readonly signs: Signs
  readonly policy: TenantPolicy
  /**
   * It is the policy under which the record was made: of several numbers that are all held, a visit shares the one that it
   * shared. Which holder was quiet longest hangs on beats that are not kept.
   */
  readonly asRecorded?: boolean
  /** Told of each number that a visit is shown, or not. */
  readonly told?: (told: Told) => void
  readonly progress?: (share: number) => void
}

export type Told = Extract<Outcome, { kind: 'number-lent' | 'number-kept' | 'fallback-shown' }> & {
  readonly atMs: number
}

/** What is concluded of each call, by carrier and call. */
export type Matches = ReadonlyMap<string, Match>

/** Of a visit on record: what it is shown here, what its page said last, and which numbers it was lent that are still to come. */
type Visit = {
  readonly shown: Map<string, PhoneNumber | null>
  readonly toCome: PhoneNumber[]
  last: Extract<Kept, { kind: 'hello' | 'page' | 'engagement' }>
  again: number
}

type Run = Running & {
  readonly state: State
  readonly visits: Map<string, Visit>
  readonly matches: Map<string, Match>
  /** What was dialled, by call; null: the page's own number. */
  readonly dialled: Map<string, PhoneNumber | null>
  /** Whose event is being applied. */
  visit: Visit | null
  /** What of visitors the policy does not take. */
  refused: number
}

const pulseEveryMs = 600_000
const lookEvery = 16_384

export function runUnder(running: Running): { readonly matches: Matches; readonly refused: number } {
  const { recorded, signs, policy, progress } = running
  const { events, tenant } = recorded
  const run: Run = {
    ...running,
    ...{ state: createState(), visits: new Map(), matches: new Map(), dialled: new Map() },
    ...{ visit: null, refused: 0 },
  }
  const withdrawn = withdrawalsOf(recorded)
  const [first] = events
  put(run, first?.atMs ?? 0, { kind: 'configured', tenant, version: 'what-if', policy })
  let [event, sign, withdrawal, pulsedAt] = [0, 0, 0, 0]
  for (;;) {
    const eventAt = events[event]?.atMs ?? never
    const signAt = signs.at[sign] ?? never
    const withdrawnAt = withdrawn[withdrawal]?.withdrawnAt ?? never
    const at = Math.min(eventAt, signAt, withdrawnAt)
    if (at === never) return { matches: run.matches, refused: run.refused }
    if (at - pulsedAt >= pulseEveryMs) {
      put(run, at, { kind: 'pulse' })
      pulsedAt = at
    }
    if (at === eventAt) happen(run, events[event++] as RecordedEvent)
    else if (at === withdrawnAt) withdraw(run, withdrawn[withdrawal++] as RecordedSession)
    else beat(run, at, signs.sessions[signs.of[sign++] as number] as RecordedSession)
    if ((event + sign) % lookEvery !== 0) continue
    // Nobody stores what changed.
    for (const [, table] of tablesOf(run.state)) table.takeChanges()
    progress?.((event + sign) / (events.length + signs.count))
  }
}

const never = Number.POSITIVE_INFINITY

function withdrawalsOf({ sessions, toMs }: Recorded): RecordedSession[] {
  return [...sessions.values()]
    .filter(({ withdrawnAt }) => withdrawnAt !== null && withdrawnAt < toMs)
    .sort((one, other) => Number(one.withdrawnAt) - Number(other.withdrawnAt))
}

/** One entry of a log that never was. */
function put(run: Run, atMs: number, input: Input): Outcome[] {
  const { state } = run
  state.now = Math.max(state.now, atMs) as LogTime
  const outcomes = decide(state, input).map(outcome => lentAsRecorded(run, outcome))
  for (const outcome of outcomes) {
    evolve(state, outcome)
    note(run, atMs, outcome)
  }
  return outcomes
}

function lentAsRecorded({ visit, trace, asRecorded = false }: Run, outcome: Outcome): Outcome {
  if (outcome.kind !== 'number-lent' || visit === null) return outcome
  const place = visit.toCome.findIndex(number => trace.targetOf(number) === outcome.target)
  const [number = outcome.number] = place < 0 ? [] : visit.toCome.splice(place, 1)
  return asRecorded && outcome.shared ? { ...outcome, number } : outcome
}

function note(run: Run, atMs: number, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'number-lent':
    case 'number-kept':
    case 'fallback-shown':
      run.visit?.shown.set(outcome.target, outcome.number)
      return run.told?.({ ...outcome, atMs })
    case 'refused':
      if (outcome.call === null) run.refused += 1
      return
    case 'call-changed': {
      const { carrier, call, match } = outcome.record
      run.matches.set(callKey(carrier, call), match)
      return
    }
    default:
      return
  }
}

function happen(run: Run, { atMs, clear, session }: RecordedEvent): void {
  if (clear.kind === 'signal') return ring(run, atMs, clear)
  if (clear.kind === 'call-rectified') {
    if (run.matches.has(callKey(clear.carrier, clear.call))) put(run, atMs, clear)
    return
  }
  run.visit = visitOf(run, session, clear)
  put(run, atMs, clear.kind === 'engagement' ? clicked(run, clear) : clear)
  run.visit = null
}

function visitOf({ visits, recorded }: Run, session: string | null, clear: Visit['last']): Visit | null {
  if (session === null) return null
  const known = visits.get(session)
  if (known === undefined) {
    const toCome = [...(recorded.sessions.get(session)?.numbers ?? [])]
    const visit = { shown: new Map(), toCome, last: clear, again: 0 }
    visits.set(session, visit)
    return visit
  }
  known.last = clear
  return known
}

type Engagement = Extract<Kept, { kind: 'engagement' }>

/** A click on a number is one on the number that is shown here. */
function clicked({ visit, trace }: Run, engagement: Engagement): Engagement {
  const { number } = engagement
  if (number === null) return engagement
  return { ...engagement, number: visit?.shown.get(trace.targetOf(number) ?? '') ?? number }
}

/** A sign of life. Where the core does not know the visit any more, its page says hello again, as gateways make it do. */
function beat(run: Run, atMs: number, { session, site, visitor }: RecordedSession): void {
  const { state, recorded } = run
  const { tenant } = recorded
  const visit = run.visits.get(session)
  if (visit === undefined) return
  const current = state.tenants.get(tenant)?.visitors.get(visitorKey(site, visitor))?.sessions.at(-1)
  const seen =
    current !== undefined &&
    put(run, atMs, { kind: 'beats', tenant, sessions: [current] })[0]?.kind === 'session-seen'
  if (seen) return
  const { tab, targets } = visit.last
  visit.again += 1
  const freshSession = `${session}+${visit.again}` as SessionId
  run.visit = visit
  put(run, atMs, { kind: 'hello', tenant, site, visitor, freshSession, tab, targets, page: null })
  run.visit = null
}

function withdraw(run: Run, { site, visitor, withdrawnAt }: RecordedSession): void {
  const { tenant } = run.recorded
  put(run, Number(withdrawnAt), { kind: 'consent-withdrawn', tenant, site, visitor })
}

/** What no policy lends. */
const nobodys = '+0' as PhoneNumber

const ownNumber: Match = {
  ...{ kind: 'none', confidence: 0 as Match['confidence'], session: null, visitor: null, source: null },
  ...{ candidates: [], reasons: ['shown-own-number'] },
}

function ring(run: Run, atMs: number, signal: Extract<Kept, { kind: 'signal' }>): void {
  const key = callKey(signal.carrier, signal.call)
  const record = run.recorded.calls.get(key)
  if (record === undefined) return
  let b = run.dialled.get(key)
  if (b === undefined) {
    b = dialledOf(run, record)
    run.dialled.set(key, b)
  }
  // Who was shown the page's own number rings that one, and we hear nothing of it.
  if (b === null) run.matches.set(key, ownNumber)
  else put(run, atMs, { ...signal, b })
}

function dialledOf(run: Run, record: Parameters<Trace['of']>[0]): PhoneNumber | null {
  const traced = run.trace.of(record)
  if (traced.kind === 'as-dialled') return record.b
  const shown = traced.kind === 'shown' ? run.visits.get(traced.session)?.shown : undefined
  if (traced.kind === 'nobody' || shown === undefined) return nobodys
  const number = shown.get(traced.target ?? '')
  if (number !== undefined) return number
  const [only = nobodys] = shown.size === 1 ? shown.values() : []
  return only
}
