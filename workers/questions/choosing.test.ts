import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAmong } from '../../core/callFilter.ts'
import { outcomeNames } from '../../core/callOutcomes.ts'
import type { CallFilter } from '../../core/wire/questions.ts'
import { CallTable, matchKinds } from './callTable.ts'
import { choosing } from './choosing.ts'
import { pageOf } from './pages.ts'
import { matchWith, recordWith, sourceOf } from './testRecords.ts'

const ids = ['A'.repeat(22), 'B'.repeat(22)]
const orNull = <Value>(one: fc.Arbitrary<Value>) => fc.option(one, { nil: null })
const call = fc.record({
  rangAt: fc.integer({ min: 0, max: 9 }),
  outcome: fc.constantFrom(...outcomeNames),
  qualified: fc.boolean(),
  firstTime: orNull(fc.boolean()),
  b: fc.constantFrom('+4570000001', '+4570000002'),
  carrier: fc.constantFrom('generic', 'twilio'),
  match: fc
    .record({
      kind: fc.constantFrom(...matchKinds),
      confidence: fc.constantFrom(0, 500, 1_000),
      session: orNull(fc.constantFrom(...ids)),
      visitor: orNull(fc.constantFrom(...ids)),
      source: orNull(fc.constantFrom(sourceOf('google'), sourceOf('bing', 'cpc', 'spring'))),
    })
    .map(matchWith),
})
const filter: fc.Arbitrary<CallFilter> = fc.record({
  fromMs: orNull(fc.integer({ min: 0, max: 9 })),
  toMs: orNull(fc.integer({ min: 0, max: 9 })),
  kinds: orNull(fc.subarray([...matchKinds], { minLength: 1 })),
  outcomes: orNull(fc.subarray([...outcomeNames], { minLength: 1 })),
  qualified: orNull(fc.boolean()),
  firstTime: orNull(fc.boolean()),
  parts: fc.record(
    { source: fc.constantFrom('google', 'yahoo', ''), campaign: fc.constantFrom('spring', '') },
    { requiredKeys: [] },
  ),
  b: orNull(fc.constantFrom('+4570000001', '+4570000009')),
  carrier: orNull(fc.constantFrom('generic', 'nobody')),
  session: orNull(fc.constantFrom(...ids)),
  visitor: orNull(fc.constantFrom(...ids)),
  minConfidence: orNull(fc.constantFrom(0, 500, 501) as fc.Arbitrary<never>),
})
const none = { kinds: null, outcomes: null, qualified: null, firstTime: null, parts: {}, b: null }
const everything: CallFilter = {
  ...{ ...none, carrier: null, session: null, visitor: null, minConfidence: null, fromMs: null, toMs: null },
}

test('columns choose the calls that their records choose, page by page, whatever the filter', () => {
  fc.assert(
    fc.property(
      fc.array(call, { maxLength: 30 }),
      fc.oneof(filter, fc.constant(everything)),
      (calls, wanted) => {
        const table = new CallTable()
        const records = calls.map((one, index) => recordWith({ ...one, call: `c${index}` }))
        for (const record of records) table.put(`x ${record.call}`, record, false)
        table.settle()
        const { chooses, isExact } = choosing(table, wanted, -1)
        const from = wanted.fromMs === null ? 0 : table.before(wanted.fromMs)
        const end = wanted.toMs === null ? table.order.length : table.before(wanted.toMs)
        const read = (key: string) => records.find(record => `x ${record.call}` === key) ?? null
        const found: string[] = []
        for (let to = end; ; ) {
          const page = pageOf({
            table,
            stretch: { from, to, chooses },
            filter: wanted,
            isExact,
            most: 3,
            read,
          })
          found.push(...page.records.map(record => record.call))
          if (page.next === null) break
          to = table.beforePlace(page.next)
        }
        const expected = records.filter(record => isAmong(record, wanted)).map(record => record.call)
        expect(found.toSorted()).toEqual(expected.toSorted())
      },
    ),
    { numRuns: 1_000 },
  )
})

test('what is past its time is chosen no more, and nothing of who is restricted', () => {
  const table = new CallTable()
  for (const [index, isRestricted] of [false, true, false].entries())
    table.put(`x c${index}`, recordWith({ call: `c${index}`, rangAt: 1_000 * index }), isRestricted)
  table.settle()
  const { chooses } = choosing(table, everything, 500)
  expect([...table.order].filter(chooses).map(slot => table.keyOf(slot))).toEqual(['x c2'])
})
