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
import type { LogTime, PhoneNumber, SessionId, VisitorId } from './words.ts'

/** Any log: two tenants, two sites, three pools whose times differ, policies that change, and everything that can come. */

const often =
  'hello hello hello some page click beat beat ring ring ring answer end withdraw pulse pulse configure again nothing'

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
  return [
    first,
    { ...first, pools },
    { ...first, targets: moved },
    { ...first, retentionMs: 3_600_000, latenessMs: 600_000 },
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
      const policy = policies(tenant)[other % 4] as TenantPolicy
      return { kind: 'configured', tenant, version: String(other % 4), policy }
    }
    case 'pulse':
      return { kind: 'pulse' }
    case 'again':
      return null
    default:
      return signalOf(step, place, now, tenant)
  }
}

function signalOf({ what, who, other, agoMs }: Step, place: number, now: number, tenant: string): Input {
  const state = what as 'ring' | 'answer' | 'end'
  const b = other === 7 ? ('+4570001111' as PhoneNumber) : number(other % 5)
  const a = who === 4 ? null : `a${who % 3}`
  const input = signal(`c${place - (place % 3)}`, b, { state, a, reason: state === 'end' ? 'busy' : null })
  if (input.kind !== 'signal') throw new Error('a signal is a signal')
  return { ...input, tenant, statedAt: agoMs === null ? null : now - agoMs }
}

const small: Bounds = {
  ...limits,
  sessionsPerTenantMax: 6,
  callsPerTenantMax: 5,
  callersPerTenantMax: 2,
  producersMax: 2,
}

type Told = { readonly outcomes: readonly Outcome[][]; readonly state: State }

function play(log: readonly Step[], restarts: boolean, bounds: Bounds): Told {
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
  log.forEach((step, at) => {
    now += step.waitMs
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
const unswept = (step: Step): Step => (step.what === 'pulse' ? { ...step, what: 'nothing' } : step)

test('[E4] [E7] [F1] [F2] pulses that never come change no answer', () => {
  const told = (log: readonly Step[]) => {
    const swept = log.map(sameRetention)
    expect(answers(play(swept.map(unswept), false, limits))).toEqual(answers(play(swept, false, limits)))
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
    const changed = outcomes.findLast(one => one.kind === 'call-changed')
    return changed?.kind === 'call-changed' ? changed.record : null
  }
  fc.assert(
    fc.property(steps, order, fc.nat({ max: 5 }), (log, signals, b) => {
      expect(record(log, signals, b)).toEqual(record(log, said, b))
    }),
    { numRuns: 200 },
  )
})
