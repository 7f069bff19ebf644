import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CallState, EndReason } from './input.ts'
import { checkInvariants } from './invariants.ts'
import type { CallRecord } from './outcome.ts'
import type { CallPolicy } from './policy.ts'
import { number, policyOf, tell } from './story.ts'
import type { PhoneNumber } from './words.ts'

/** The final record of a call, whatever the order, the repetitions and the lateness in which its signals came. */

type Said = {
  readonly call: string
  readonly state: CallState
  readonly b: PhoneNumber
  readonly a: string | null
  /** null: the carrier said no time, and every signal comes at the same moment of the log. */
  readonly statedAt: number | null
  readonly reason: EndReason | null
}

const first = number(0)
const unknown = '+4599999999' as PhoneNumber
const said = (call: string, state: CallState, statedAt: number | null, more: Partial<Said> = {}): Said => ({
  ...{ call, state, statedAt, b: first, a: 'kim', reason: null },
  ...more,
})

/**
 * What stands at the end, of each call: its history alone tells of the order. Anna is alone with the only number from 0 s,
 * Bo beside her from 10 s; nothing more is heard of either.
 */
function standing(signals: readonly Said[], paceSeconds: number, calls: Partial<CallPolicy> = {}) {
  const policy = policyOf(1)
  const story = tell({ ...policy, calls: { ...policy.calls, ...calls } })
  story.hello(0, 'anna')
  story.hello(10, 'bo')
  signals.forEach((one, place) => {
    story.signal(100 + place * paceSeconds, one.call, one.b, one)
  })
  checkInvariants(story.state())
  const names = [...new Set(signals.map(one => one.call))].sort()
  return names.map((call): Partial<CallRecord> => {
    const { history, ...record } = story.call(call)
    return record
  })
}

/** Every order of these, each once. */
function* orders<Item>(items: readonly Item[]): Generator<Item[]> {
  if (items.length === 0) yield []
  for (const [place, item] of items.entries()) {
    if (items.indexOf(item) < place) continue
    for (const rest of orders(items.toSpliced(place, 1))) yield [item, ...rest]
  }
}

const states = ['ring', 'answer', 'end'] as const
const subsets = Array.from({ length: 8 }, (_, bits) => states.filter((_, at) => bits & (1 << at)))
const reasons = ['completed', 'busy', 'no-answer', 'canceled', null] as const
const seconds = { ring: 12, answer: 14, end: 40 } as const

test.each(subsets.slice(1).map(heard => ({ heard })))(
  '[C1] [C5] [C6] a call of which $heard is heard, each twice, in any order, its times stated or not',
  ({ heard }) => {
    for (const unstated of subsets) {
      for (const reason of reasons) {
        const once = heard.map(state =>
          said('c', state, unstated.includes(state) ? null : seconds[state], {
            reason: state === 'end' ? reason : null,
          }),
        )
        const pace = unstated.length === 0 ? 1 : 0
        const wanted = standing(once, pace)
        for (const order of orders([...once, ...once])) expect(standing(order, pace)).toEqual(wanted)
      }
    }
  },
)

/** Anna’s call, one that may be hers or Bo’s, and one that only says who called. */
const ofOne = [
  said('c1', 'ring', 5),
  said('c1', 'end', 8, { a: null, reason: 'canceled' }),
  said('c2', 'ring', 12),
  said('c2', 'answer', 14, { a: null }),
  said('c2', 'end', 40),
  said('c3', 'ring', 30, { b: unknown }),
  said('c3', 'end', 50, { b: unknown, reason: 'busy' }),
]
/** While its ring was not heard the first call seems another caller’s. */
const ofTwo = [
  said('c1', 'ring', 5),
  said('c1', 'end', 8, { a: 'lis' }),
  said('c2', 'ring', 12),
  said('c2', 'end', 13, { a: 'lis' }),
  said('c3', 'ring', 30, { b: unknown }),
  said('c4', 'ring', 31, { b: unknown, a: 'lis' }),
  said('c5', 'ring', 32, { a: 'lis' }),
]

test.each([
  ['one caller', ofOne],
  ['two callers', ofTwo],
])('[C1] [C9] [C11] three and more calls of %s, their signals in every order', (_, signals) => {
  const wanted = standing(signals, 1)
  let count = 0
  for (const order of orders(signals)) {
    count += 1
    expect(standing(order, 1)).toEqual(wanted)
  }
  expect(count).toBe(5_040)
})

test('[C1] [C9] [C11] what stands at the end was worth testing', () => {
  expect(standing(ofOne, 1)).toMatchObject([
    { outcome: 'short', firstTime: true, match: { kind: 'exact', session: 'anna1' } },
    {
      outcome: 'answered',
      firstTime: false,
      duplicateOf: { call: 'c1' },
      match: { kind: 'shared', session: 'anna1' },
    },
    { outcome: 'busy', firstTime: false, duplicateOf: { call: 'c2' }, match: { kind: 'returning' } },
  ])
  expect(standing(ofTwo, 1)).toMatchObject([
    { a: 'kim', firstTime: true },
    { a: 'kim', firstTime: false, match: { session: 'anna1' } },
    { a: 'kim', match: { kind: 'returning', session: 'anna1' } },
    { a: 'lis', firstTime: true, duplicateOf: null, match: { kind: 'none' } },
    { a: 'lis', firstTime: false, duplicateOf: { call: 'c4' }, match: { kind: 'shared', session: 'bo2' } },
  ])
})

const settings: fc.Arbitrary<Partial<CallPolicy>> = fc.record({
  shortUnderMs: fc.constantFrom(0, 5_000),
  duplicateWithinMs: fc.constantFrom(0, 10_000, 1_800_000),
  returningLookBackMs: fc.constantFrom(10_000, 2_592_000_000),
  lookBackTouches: fc.constantFrom(1, 20),
})
/** Up to seven calls by up to three callers, whose signals do not agree about who called. */
const any = fc.uniqueArray(
  fc.record({
    call: fc.constantFrom('c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'),
    state: fc.constantFrom(...states),
    statedAt: fc.nat({ max: 60 }),
    b: fc.constantFrom(first, first, unknown, '+4570001111' as PhoneNumber),
    a: fc.constantFrom('kim', 'kim', 'lis', null),
    reason: fc.constantFrom(...reasons),
  }),
  { minLength: 2, maxLength: 16, selector: one => `${one.call} ${one.state}` },
)
const shuffled = any.chain(signals =>
  fc.tuple(
    fc.constant(signals),
    fc.shuffledSubarray([...signals, ...signals], {
      minLength: 2 * signals.length,
      maxLength: 2 * signals.length,
    }),
  ),
)

test('[C1] [C9] [C11] whatever calls, callers and settings: the order, and what is repeated, changes nothing', () => {
  const same = ([signals, order]: [Said[], Said[]], calls: Partial<CallPolicy>) => {
    expect(standing(order, 1, calls)).toEqual(standing(signals, 1, calls))
  }
  fc.assert(fc.property(shuffled, settings, same), { numRuns: 1_000 })
})
