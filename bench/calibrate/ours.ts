import { apply } from '../../core/machine.ts'
import type { Input, Signal } from '../../core/input.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { TenantPolicy } from '../../core/policy.ts'
import { createState, type State } from '../../core/state.ts'
import type { LogTime, PhoneNumber, Pseudonym, SessionId, VisitorId } from '../../core/words.ts'
import type { Policy, Said } from './drive.ts'
import { dayMs } from './hours.ts'
import type { Shape } from './shape.ts'
import type { Call, Visit } from './traffic.ts'

/** The core itself, as the owner of a partition runs it. */

const began = 1_800_000_000_000
const [tenant, site] = ['acme', 'pk_site']
const own = '+4578792222' as PhoneNumber
const source = { source: 'google', medium: 'cpc', campaign: null, content: null, keyword: null }

/** Looks at what the core knows of a ring, before it is told of it. */
export type Watch = (state: State, signal: Signal, call: Call, at: number) => void

export function createOurs(shape: Shape, watch?: Watch): Policy {
  const core = createCore(shape)
  const { step, tell, visits } = core
  return {
    name: 'Ringtrail',
    numberAt,
    open: (visit, at) => tell(visit, at, { kind: 'hello', ...about(visit, at), page: { id: 1, source } }),
    page: (visit, at) => {
      const page = { id: core.eventOf(visit), source }
      tell(visit, at, { kind: 'page', ...about(visit, at), session: sessionOf(visits, visit), page })
    },
    click: (visit, at) => {
      const number = visits.get(visit.id)?.number ?? null
      const event = { id: core.eventOf(visit), action: 'click', number } as const
      tell(visit, at, {
        kind: 'engagement',
        ...about(visit, at),
        session: sessionOf(visits, visit),
        ...event,
      })
    },
    beat: (open, at) => {
      const bySession = new Map<SessionId, Visit>()
      for (const visit of open) bySession.set(sessionOf(visits, visit), visit)
      for (const outcome of step(at, { kind: 'beats', tenant, sessions: [...bySession.keys()] })) {
        if (outcome.kind !== 'session-gone') continue
        // As its gateway does: it says hello again.
        const visit = bySession.get(outcome.session) as Visit
        tell(visit, at, { kind: 'hello', ...about(visit, at), page: null })
      }
      if (at % 300_000 === 0) step(at, { kind: 'pulse' })
    },
    shown: visit => visits.get(visit.id)?.number ?? null,
    ring: (call, b, at) => {
      const signal = signalOf(call, b, at)
      watch?.(core.at(at), signal, call, at)
      return saidIn(step(at, signal))
    },
  }
}

type Shown = { session: SessionId; number: PhoneNumber | null; events: number }

function createCore(shape: Shape) {
  const state = createState()
  const visits = new Map<number, Shown>()
  let counter = 0
  const step = (at: number, input: Input): Outcome[] => {
    counter += 1
    return apply(state, { at: time(at), sequence: counter, index: 0, producer: 'bench', counter, input })
  }
  step(0, { kind: 'configured', tenant, version: '1', policy: policyOf(shape) })
  return {
    step,
    visits,
    /** The state as it would be if this moment came. */
    at: (at: number) => {
      state.now = time(at)
      return state
    },
    eventOf: (visit: Visit) => {
      const shown = visits.get(visit.id) as Shown
      shown.events += 1
      return shown.events
    },
    tell: (visit: Visit, at: number, input: Input) => {
      const shown = visits.get(visit.id) ?? { session: '' as SessionId, number: null, events: 1 }
      for (const outcome of step(at, input)) show(shown, outcome)
      visits.set(visit.id, shown)
    },
  }
}

function show(shown: Shown, outcome: Outcome): void {
  if (outcome.kind === 'session-opened' || outcome.kind === 'session-joined') shown.session = outcome.session
  else if (outcome.kind === 'number-lent' || outcome.kind === 'number-kept') shown.number = outcome.number
  else if (outcome.kind === 'fallback-shown') shown.number = null
}

const time = (at: number) => (began + at) as LogTime
const numberAt = (place: number) => `+457${String(place).padStart(7, '0')}` as PhoneNumber
const sessionOf = (visits: ReadonlyMap<number, Shown>, visit: Visit) =>
  (visits.get(visit.id) as Shown).session

/** What may open a session opens one with an id that no other has. */
function about({ id, visitor }: Visit, at: number) {
  return {
    tenant,
    site,
    visitor: visitor as VisitorId,
    freshSession: `session-${id}-${at}` as SessionId,
    tab: `tab-${id}`,
    targets: null,
  }
}

function signalOf({ id, phone }: Call, b: string, at: number): Signal {
  return {
    kind: 'signal',
    tenant,
    carrier: 'generic',
    call: `call-${id}`,
    state: 'ring',
    a: phone as Pseudonym | null,
    b: b as PhoneNumber,
    c: null,
    statedAt: null,
    takenAt: time(at),
    spooled: false,
    reason: null,
  }
}

function saidIn(outcomes: readonly Outcome[]): Said {
  for (const outcome of outcomes) {
    if (outcome.kind !== 'call-changed') continue
    const { kind, visitor, confidence } = outcome.record.match
    return { kind, visitor, confidence }
  }
  throw new Error('a ring led to no record')
}

function policyOf({ pool }: Shape): TenantPolicy {
  const minute = 60_000
  return {
    tenant,
    retentionMs: 60 * dayMs,
    latenessMs: dayMs,
    consent: 'assumed',
    defaultForward: own,
    sites: [{ key: site, targets: ['sales'] }],
    targets: [{ id: 'sales', replace: own, forward: own, pool: 'sales', static: null }],
    pools: [
      {
        id: 'sales',
        numbers: Array.from({ length: pool.size }, (_, place) => numberAt(place)),
        idleTimeoutMs: pool.idleMinutes * minute,
        tailMs: pool.tailMinutes * minute,
        coolDownMs: pool.coolDownMinutes * minute,
        stickyMs: pool.stickyHours * 60 * minute,
        overflow: pool.overflow,
      },
    ],
    statics: [],
    calls: { qualifiedAfterMs: 30_000, returningLookBackMs: 30 * dayMs },
  }
}
