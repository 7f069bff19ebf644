import fc from 'fast-check'
import { expect, test } from 'vitest'
import { finalOutcomes, outcomeNames } from '../../core/callOutcomes.ts'
import { type CreditModel, creditModels, creditParts, placed, sharesOf } from '../../core/credit.ts'
import type { CallRecord, Touch } from '../../core/outcome.ts'
import { type Dimension, dimensions, partsOf, pathOf } from '../../core/shownCall.ts'
import { CallTable } from './callTable.ts'
import { reportOn } from './report.ts'
import { matchWith, recordWith, sourceOf } from './testRecords.ts'

const day = 86_400_000
const call = fc.record({
  source: fc.constantFrom(null, 'google', 'bing', 'print'),
  campaign: fc.constantFrom(null, 'spring', 'summer'),
  rangAt: fc.integer({ min: 0, max: 3 * day }),
  outcome: fc.constantFrom(...outcomeNames),
  confidence: fc.integer({ min: 0, max: 1_000 }),
})

test('a report says what adding up one by one says', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 40 }), calls => {
      const table = new CallTable()
      for (const [index, { source, campaign, confidence, ...rest }] of calls.entries()) {
        const from = source === null ? null : sourceOf(source, 'cpc', campaign)
        const match = matchWith({ source: from, confidence })
        table.put(`generic c${index}`, recordWith({ ...rest, call: `c${index}`, match }), false)
      }
      table.settle()
      const stretch = { from: 0, to: table.order.length, chooses: () => true }
      const report = {
        by: ['source', 'campaign'] as const,
        model: 'last-touch' as const,
        daily: true,
        most: 1_000,
      }
      const expected = new Map<string, [calls: number, outcomes: string[], right: number]>()
      for (const { source, campaign, rangAt, outcome, confidence } of calls) {
        const name = `${source} ${source === null ? null : campaign} ${Math.floor(rangAt / day)}`
        const [count, outcomes, right] = expected.get(name) ?? [0, [], 0]
        expected.set(name, [count + 1, [...outcomes, outcome], right + confidence])
      }
      const { rows, total, more } = reportOn(table, stretch, report)
      const found = rows.map(({ group, dayMs, calls: count, expectedRight, ...sums }) => [
        `${group.source} ${group.campaign} ${(dayMs ?? 0) / day}`,
        [count, finalOutcomes.map(name => sums[name]), Math.round(expectedRight * 1_000)],
      ])
      const byName = [...expected].map(([name, [count, outcomes, right]]) => [
        name,
        [count, counted(outcomes), right],
      ])
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(byName))
      expect([total.calls, more]).toEqual([calls.length, 0])
      expect(finalOutcomes.map(name => total[name])).toEqual(counted(calls.map(({ outcome }) => outcome)))
    }),
  )
})

const counted = (outcomes: readonly string[]) =>
  finalOutcomes.map(name => outcomes.filter(one => one === name).length)

test('what is left out of a report is counted', () => {
  const table = new CallTable()
  for (const source of ['a', 'b', 'c'])
    table.put(`generic ${source}`, recordWith({ match: matchWith({ source: sourceOf(source) }) }), false)
  table.settle()
  const report = { by: ['source'] as const, model: 'last-touch' as const, daily: false, most: 2 }
  const { rows, more, total } = reportOn(table, { from: 0, to: 3, chooses: () => true }, report)
  expect([rows.length, more, total.calls]).toEqual([2, 1, 3])
})

const touched = fc.record({
  call: fc.nat({ max: 8 }),
  rangAt: fc.integer({ min: 0, max: 2 * day }),
  touches: fc.array(
    fc.record({
      at: fc.integer({ min: -3 * day, max: 0 }),
      source: fc.constantFrom('google', 'bing', '(direct)'),
      campaign: fc.constantFrom(null, 'spring', 'summer'),
    }),
    { maxLength: 4 },
  ),
  isRead: fc.boolean(),
})
const asked = fc.record({
  by: fc.subarray([...dimensions]),
  model: fc.constantFrom(...creditModels),
  daily: fc.boolean(),
})

test('[T5] [T6] [T7] under each model groups get what the touches of each call get, whenever it came and however often', () => {
  fc.assert(
    fc.property(
      fc.array(touched, { maxLength: 30 }),
      fc.array(asked, { minLength: 1, maxLength: 3 }),
      (calls, questions) => {
        const table = new CallTable()
        table.halfLifeMs = day
        const records = new Map<string, CallRecord>()
        for (const { call: id, rangAt, touches, isRead } of calls) {
          const record = recordWith({
            call: `c${id}`,
            rangAt,
            touches: touches.toSorted((one, other) => one.at - other.at).map(touchOf),
          })
          table.put(`generic c${id}`, record, false)
          records.set(record.call, record)
          if (isRead) table.settle()
        }
        table.settle()
        const stretch = { from: 0, to: table.order.length, chooses: () => true }
        for (const { by, model, daily } of questions) {
          const { rows } = reportOn(table, stretch, { by, model, daily, most: 1_000 })
          const found = rows.map(({ group, dayMs, credit }) => [nameOf(group, dayMs), credit] as const)
          expect(new Set(found.map(([name]) => name)).size).toBe(found.length)
          const expected = creditsOf(records.values(), { by, model, daily })
          expect(found.map(([name]) => name).toSorted()).toEqual(Object.keys(expected).toSorted())
          // They are shown in thousandths.
          for (const [name, credit] of found)
            expect(Math.abs(credit - (expected[name] as number))).toBeLessThan(6e-4)
        }
      },
    ),
  )
})

const touchOf = ({ at, source, campaign }: { at: number; source: string; campaign: string | null }) =>
  ({
    at,
    session: 's',
    source: sourceOf(source, source === '(direct)' ? '(none)' : 'cpc', campaign),
  }) as unknown as Touch

const nameOf = (group: object, dayMs: number | null) => JSON.stringify([group, dayMs])

/** Told from whole records, one by one. */
function creditsOf(
  records: Iterable<CallRecord>,
  { by, model, daily }: { by: readonly Dimension[]; model: CreditModel; daily: boolean },
): Record<string, number> {
  const credits: Record<string, number> = {}
  for (const record of records) {
    const path = pathOf(record)
    const shares = path.length === 0 ? [creditParts] : sharesOf(path.map(placed), model, day)
    const dayMs = daily ? Math.floor(record.rangAt / day) * day : null
    for (const [index, parts] of shares.entries()) {
      if (parts === 0) continue
      const source = path[index]?.source
      const values = source === undefined ? null : partsOf(source)
      const name = nameOf(Object.fromEntries(by.map(one => [one, values?.[one] ?? null])), dayMs)
      credits[name] = (credits[name] ?? 0) + parts / creditParts
    }
  }
  return credits
}
