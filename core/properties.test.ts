import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entry, Input } from './input.ts'
import { checkInvariants } from './invariants.ts'
import { limits } from './limits.ts'
import { apply, nextPulseAt } from './machine.ts'
import type { Outcome } from './outcome.ts'
import type { PoolPolicy, TenantPolicy } from './policy.ts'
import { type Bounds, createState, type State } from './state.ts'
import { began, number, policyOf, restored, signal } from './story.ts'
import type { LogTime, PhoneNumber, Pseudonym, SessionId, VisitorId } from './words.ts'

/** Any log: two tenants, two sites, three pools whose times differ, policies that change, and everything that can come. */

const often =
  'hello hello hello some page click beat beat ring ring ring answer end withdraw pulse pulse configure again nothing ' +
  'erase erase restrict object lift rectify leave'

const steps = fc.array(
  fc.record({
    waitMs: fc.constantFrom(
      ...[0, 0, 0, 1, 1_000, 1_000, 7_000, 7_000, 20_000, 20_000, 59_999, 60_000],
      ...[200_000, 200_000, 700_000, 7_200_000, 100_000_000],
    ),
    what: fc.constantFrom(...often.split(' ')),
    who: fc.nat({ max: 4 }),
    other: fc.nat({ max: 7 }),
    second: fc.nat({ max: 5 }).map(one => one === 0),
    agoMs: fc.constantFrom(null, null, null, 0, 0, 5_000, 5_000, 90_000, 400_000, 90_000_000, -100_000),
    restart: fc.boolean(),
  }),
  { maxLength: 70, size: 'max' },
)
type Step = typeof steps extends fc.Arbitrary<readonly (infer One)[]> ? One : never

const pool = (id: string, places: readonly number[], more: Partial<PoolPolicy>): PoolPolicy => ({
  ...(policyOf(1).pools[0] as PoolPolicy),
  id,
  numbers: places.map(number),
  ...more,
})

/** Policies between which a tenant changes: numbers move between pools, targets between them too, times become others. */
function policies(tenant: string): TenantPolicy[] {
  const base = policyOf(1)
  const [target] = base.targets
  if (target === undefined) throw new Error('a policy has a target')
  const targetOf = (id: string, served: string | null) => ({ ...target, id, pool: served })
  const sites = [
    { key: 'www', targets: ['sales', 'help'] },
    { key: 'shop', targets: ['help', 'chat', 'gone'] },
  ]
  const short = { idleTimeoutMs: 60_000, tailMs: 60_000, coolDownMs: 60_000 }
  const long = { idleTimeoutMs: 300_000, tailMs: 600_000, coolDownMs: 0, overflow: 'fallback' } as const
  const first: TenantPolicy = {
    ...base,
    tenant,
    sites,
    targets: [targetOf('sales', 'one'), targetOf('help', 'two'), targetOf('chat', 'three')],
    pools: [pool('one', [0, 1], short), pool('two', [2, 3], long), pool('three', [4], { stickyMs: 60_000 })],
  }
  const pools = [
    pool('one', [2, 1], long),
    pool('two', [0], { ...short, stickyMs: 0 }),
    pool('three', [4, 3], short),
  ]
  const moved = [targetOf('sales', 'two'), targetOf('help', 'one'), targetOf('chat', null)]
  const segments = [{ id: 'brand', when: {}, pool: 'three' }]
  const segmented = [{ ...targetOf('sales', 'one'), segments }, targetOf('help', 'two')]
  const held = [
    pool('one', [0, 1], { ...short, maxHoldMs: 150_000 }),
    pool('two', [2, 3], { ...long, minHoldMs: 1_200_000 }),
    pool('three', [4], { stickyMs: 60_000, minHoldMs: 90_000, maxHoldMs: 200_000 }),
  ]
  return [
    first,
    { ...first, pools },
    { ...first, targets: moved },
    { ...first, retentionMs: 3_600_000, latenessMs: 600_000 },
    { ...first, targets: segmented, pools: held },
  ]
}

/** Everything that a step says; null: nothing that could come. */
function inputOf(step: Step, place: number, now: number, sessions: readonly string[]): Input | null {
  const { what, who, other, second } = step
  const tenant = second ? 'globex' : 'acme'
  const visit = {
    tenant,
    site: other === 6 ? 'shop' : 'www',
    visitor: `v${who}` as VisitorId,
    freshSession: `s${place}` as SessionId,
    tab: `t${other % 3}`,
    targets: null,
    ...(who === 2 && { segments: { sales: 'brand' } }),
  }
  const source = { source: `from${place}`, medium: 'web', campaign: null, content: null, keyword: null }
  const page = { id: 1 + (other % 4), source }
  const session = (sessions.at(-1 - (who % 3)) ?? 'nobody') as SessionId
  switch (what) {
    case 'hello':
      return { kind: 'hello', ...visit, page: other === 7 ? null : page }
    case 'some':
      return { kind: 'hello', ...visit, targets: ['help', 'sales', 'help'], page }
    case 'page':
      return { kind: 'page', ...visit, session, page }
    case 'click':
      return {
        kind: 'engagement',
        ...visit,
        session,
        id: other + 2,
        action: 'click',
        number: number(who % 3),
      }
    case 'beat':
      return { kind: 'beats', tenant, sessions: sessions.slice(-1 - other) as SessionId[] }
    case 'nothing':
      return { kind: 'beats', tenant, sessions: [] }
    case 'withdraw':
      return { kind: 'consent-withdrawn', tenant, site: visit.site, visitor: visit.visitor }
    case 'configure': {
      const policy = policies(tenant)[other % 5] as TenantPolicy
      return { kind: 'configured', tenant, version: String(other % 4), policy }
    }
    case 'pulse':
      return { kind: 'pulse' }
    case 'again':
      return null
    default:
      return requestOf(step, place, tenant) ?? signalOf(step, place, now, tenant)
  }
}

function requestOf(step: Step, place: number, tenant: string): Input | null {
  const { what, other } = step
  switch (what) {
    case 'erase':
      return { kind: 'subject-erased', ...subjectsOf(step, tenant) }
    case 'restrict':
    case 'object':
    case 'lift': {
      const mode = modes[what]
      return { kind: 'subject-restricted', ...subjectsOf(step, tenant), mode }
    }
    case 'rectify': {
      const call = `c${place - (place % 3) - (other > 4 ? 3 : 0)}`
      return { kind: 'call-rectified', tenant, request: 'r', carrier: 'generic', call, a: callerOf(step) }
    }
    case 'leave':
      return other === 7 ? { kind: 'tenant-ended', tenant, request: 'r' } : { kind: 'noted', tenant }
    default:
      return null
  }
}

const modes = { restrict: 'restricted', object: 'objected', lift: 'lifted' } as const

function subjectsOf({ who, other }: Step, tenant: string) {
  const visitors = other < 5 ? [`v${who}` as VisitorId] : []
  const callers = other > 3 ? [`a${who % 3}` as Pseudonym] : []
  return { tenant, request: 'r', visitors, callers }
}

const callerOf = ({ who }: Step) => (who === 4 ? null : (`a${who % 3}` as Pseudonym))

function signalOf(step: Step, place: number, now: number, tenant: string): Input {
  const { what, other, agoMs } = step
  const state = what as 'ring' | 'answer' | 'end'
  const b = other === 7 ? ('+4570001111' as PhoneNumber) : number(other % 5)
  const a = callerOf(step)
  const input = signal(`c${place - (place % 3)}`, b, { state, a, reason: state === 'end' ? 'busy' : null })
  if (input.kind !== 'signal') throw new Error('a signal is a signal')
  return { ...input, tenant, statedAt: agoMs === null ? null : now - agoMs }
}

const small: Bounds = {
  ...limits,
  sessionsPerTenantMax: 6,
  callsPerTenantMax: 5,
  callersPerTenantMax: 2,
  restrictedPerTenantMax: 2,
  producersMax: 2,
}

type Told = { readonly outcomes: readonly Outcome[][]; readonly state: State }

/** What comes before a step, as well as what the steps say. */
type Extra = { readonly before: number; readonly inputs: readonly Input[] }

function play(log: readonly Step[], restarts: boolean, bounds: Bounds, extras: readonly Extra[] = []): Told {
  let state = createState(bounds)
  const sessions: string[] = []
  const outcomes: Outcome[][] = []
  let last: Entry | null = null
  let now = began
  const take = (input: Input, place: number) => {
    const at = now as LogTime
    last = { at, sequence: place + 1, index: 0, producer: `p${place % 3}`, counter: place + 1, input }
    outcomes.push(apply(state, last))
    checkInvariants(state)
  }
  for (const [place, tenant] of ['acme', 'globex'].entries())
    take({ kind: 'configured', tenant, version: '0', policy: policies(tenant)[0] as TenantPolicy }, place)
  let asides = 0
  const aside = (input: Input) => {
    asides += 1
    const where = { sequence: 1_000_000 + asides, index: 0, producer: 'aside', counter: asides }
    apply(state, { at: now as LogTime, ...where, input })
    checkInvariants(state)
  }
  log.forEach((step, at) => {
    now += step.waitMs
    for (const extra of extras) if (extra.before === at) extra.inputs.forEach(aside)
    if (restarts && step.restart) state = restored(state)
    const place = at + 2
    const input = inputOf(step, place, now, sessions)
    if (input !== null) take(input, place)
    else
      outcomes.push(
        apply(state, { ...(last as unknown as Entry), at: now as LogTime, sequence: 9_999 + place }),
      )
    checkInvariants(state)
    nextPulseAt(state)
    for (const one of outcomes.at(-1) ?? []) if (one.kind === 'session-opened') sessions.push(one.session)
  })
  return { outcomes, state }
}

const textOf = ({ outcomes }: Told) => JSON.stringify(outcomes)

test('[L3] [F6] the same log gives the same outcomes, byte for byte, restarted anywhere or not, and every invariant holds', () => {
  const told = (log: readonly Step[]) => {
    for (const bounds of [limits, small])
      expect(textOf(play(log, true, bounds))).toBe(textOf(play(log, false, bounds)))
  }
  fc.assert(fc.property(steps, told), { numRuns: 400 })
})

const answers = (told: Told) =>
  told.outcomes.flatMap(step => step.filter(one => one.kind !== 'session-ended' && one.kind !== 'forgotten'))

/** Retention stays what it is: one that is made longer again finds what no pulse has swept. */
const sameRetention = (step: Step): Step =>
  step.what === 'configure' ? { ...step, other: step.other % 3 } : step
/** An erasure takes also what is past its time, swept or not (rule P1): what it found is another answer. */
const answersButErasures = (log: readonly Step[], told: Told) => {
  const steps = told.outcomes.map((step, place) => (log[place - 2]?.what === 'erase' ? [] : step))
  return answers({ ...told, outcomes: steps })
}
const unswept = (step: Step): Step => (step.what === 'pulse' ? { ...step, what: 'nothing' } : step)

test('[E4] [E7] [F1] [F2] pulses that never come change no answer', () => {
  const told = (log: readonly Step[]) => {
    const swept = log.map(sameRetention)
    expect(answersButErasures(swept, play(swept.map(unswept), false, limits))).toEqual(
      answersButErasures(swept, play(swept, false, limits)),
    )
  }
  fc.assert(fc.property(steps, told), { numRuns: 400 })
})

const said = [
  { state: 'ring', statedAt: 10 },
  { state: 'answer', statedAt: 15 },
  { state: 'end', statedAt: 50, reason: 'completed' },
] as const
const order = fc.shuffledSubarray([...said, ...said], { minLength: 6, maxLength: 6 })

test('[C1] [C4] a call’s record does not depend on the order of its signals, whatever happened before', () => {
  const record = (log: readonly Step[], signals: readonly (typeof said)[number][], b: number) => {
    const { state } = play(log, false, limits)
    fc.pre((state.tenants.get('acme')?.callers.get('a1')?.calls.length ?? 0) < limits.callsPerCallerMax)
    const outcomes = signals.flatMap((one, place) => {
      const input = {
        ...signal('x', number(b), one),
        statedAt: state.now - 100_000 + one.statedAt * 1_000,
      } as Input
      const sequence = 100_000 + place
      return apply(state, { at: state.now, sequence, index: 0, producer: 'px', counter: sequence, input })
    })
    const changed = outcomes.findLast(one => one.kind === 'call-changed' && one.record.call === 'x')
    // Its history alone tells of the order.
    return changed?.kind === 'call-changed' ? { ...changed.record, history: [] } : null
  }
  fc.assert(
    fc.property(steps, order, fc.nat({ max: 5 }), (log, signals, b) => {
      expect(record(log, signals, b)).toEqual(record(log, said, b))
    }),
    { numRuns: 200 },
  )
})

/** What is said of everybody else: without what names one of these, and without calls that ever named one. */
function ofOthers(told: Told, names: readonly string[], calls: ReadonlySet<string>): string[] {
  return told.outcomes.map(step => {
    const others = step.flatMap((outcome): readonly Outcome[] => {
      if (outcome.kind === 'subject-erased') return []
      if (outcome.kind !== 'forgotten')
        return calls.has(callOf(outcome)) || isNamed(outcome, names) ? [] : [outcome]
      const keys = outcome.keys.filter(key => !key.split(' ').some(word => names.includes(word)))
      return keys.length === 0 ? [] : [{ ...outcome, keys }]
    })
    return JSON.stringify(others)
  })
}

const isNamed = (outcome: Outcome, names: readonly string[]) =>
  names.some(name => JSON.stringify(outcome).includes(`"${name}"`))

function callOf(outcome: Outcome): string {
  if (outcome.kind === 'call-changed') return `${outcome.tenant} ${outcome.record.call}`
  return outcome.kind === 'call-repeated' ? `${outcome.tenant} ${outcome.call}` : ''
}

const callerIn = (outcome: Outcome) =>
  outcome.kind === 'call-changed' && outcome.record.a !== null
    ? [`${outcome.tenant} ${outcome.record.a}`]
    : []

const acme = { tenant: 'acme', request: 'r' }
const withdrawal = (visitor: VisitorId, where: string): Input => ({
  kind: 'consent-withdrawn',
  tenant: 'acme',
  site: where,
  visitor,
})

test('[P4] to everybody else an erasure is what a withdrawal on every site is', () => {
  const told = (steps: readonly Step[], place: number, who: number) => {
    // What another erasure finds depends on what this one left, and this one ends a restriction (rule P5).
    const log = steps.map(sameRetention).filter(step => step.what !== 'erase' && step.what !== 'restrict')
    const visitor = `v${who}` as VisitorId
    const before = Math.min(place, log.length - 1)
    const playWith = (...inputs: Input[]) => play(log, false, limits, [{ before, inputs }])
    const erased = playWith({ kind: 'subject-erased', ...acme, visitors: [visitor], callers: [] })
    const withdrew = playWith(withdrawal(visitor, 'www'), withdrawal(visitor, 'shop'))
    const sessions = withdrew.outcomes
      .slice(0, before + 2)
      .flatMap(step =>
        step.flatMap(one =>
          one.kind === 'session-opened' && one.tenant === 'acme' && one.visitor === visitor
            ? [one.session]
            : [],
        ),
      )
    const named = withdrew.outcomes.flatMap(step => step.filter(one => isNamed(one, sessions)))
    // Such a call says another thing of its caller's other calls.
    const callers = new Set(named.flatMap(callerIn))
    const others = withdrew.outcomes.flat().filter(one => callerIn(one).some(a => callers.has(a)))
    const calls = new Set([...named, ...others].map(callOf))
    calls.delete('')
    expect(ofOthers(erased, sessions, calls)).toEqual(ofOthers(withdrew, sessions, calls))
  }
  // Who was erased, or withdrew, was lent the number last of two, and was gone first; a lateness later somebody rings.
  const plain = { who: 0, other: 0, second: false, agoMs: null, restart: false, waitMs: 0 }
  const shared: Step[] = [
    { ...plain, what: 'configure', other: 1 },
    { ...plain, what: 'hello' },
    { ...plain, what: 'hello', who: 2 },
    { ...plain, what: 'ring', waitMs: 100_000_000 },
  ]
  fc.assert(fc.property(steps, fc.nat({ max: 69 }), fc.nat({ max: 4 }), told), {
    ...{ numRuns: 400, examples: [[shared, 3, 2]] },
  })
})

test('[P4] of somebody who never held a number nothing that is said of others has a trace, erased or not', () => {
  const ghost = 'ghost' as VisitorId
  const source = { source: 'elsewhere', medium: 'web', campaign: null, content: null, keyword: null }
  const came: Input[] = [
    {
      kind: 'hello',
      tenant: 'acme',
      site: 'www',
      visitor: ghost,
      freshSession: 'ghosts' as SessionId,
      tab: 't1',
      targets: [],
      page: { id: 1, source },
    },
    { ...signal('ghosts', '+4599999999' as PhoneNumber, { a: 'ghost' }), tenant: 'acme' } as Input,
  ]
  const names = ['ghost', 'ghosts']
  const told = (log: readonly Step[], place: number, later: number) => {
    const playWith = (inputs: readonly Input[]) =>
      play(log, false, limits, [
        { before: place, inputs: came },
        { before: place + later, inputs },
      ])
    const callers = ['ghost' as Pseudonym]
    const erased = playWith([{ kind: 'subject-erased', ...acme, visitors: [ghost], callers }])
    const kept = playWith([{ kind: 'noted', tenant: 'acme' }])
    expect(ofOthers(erased, names, new Set())).toEqual(ofOthers(kept, names, new Set()))
    if (place + later < log.length)
      expect(JSON.stringify([...erased.state.tables.sessions.entries()])).not.toContain('ghost')
  }
  fc.assert(fc.property(steps, fc.nat({ max: 40 }), fc.nat({ max: 20 }), told), { numRuns: 200 })
})
