import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CallTable } from './callTable.ts'
import { reportOn } from './report.ts'
import { matchWith, recordWith, sourceOf } from './testRecords.ts'

const day = 86_400_000
const call = fc.record({
  source: fc.constantFrom(null, 'google', 'bing', 'print'),
  campaign: fc.constantFrom(null, 'spring', 'summer'),
  rangAt: fc.integer({ min: 0, max: 3 * day }),
  outcome: fc.constantFrom('answered', 'missed', 'ringing'),
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
      const expected = new Map<string, [calls: number, answered: number, right: number]>()
      for (const { source, campaign, rangAt, outcome, confidence } of calls) {
        const name = `${source} ${source === null ? null : campaign} ${Math.floor(rangAt / day)}`
        const [count, answered, right] = expected.get(name) ?? [0, 0, 0]
        expected.set(name, [count + 1, answered + Number(outcome === 'answered'), right + confidence])
      }
      const { rows, total, more } = reportOn(table, stretch, report)
      const found = rows.map(({ group, dayMs, calls: count, answered, expectedRight }) => [
        `${group.source} ${group.campaign} ${(dayMs ?? 0) / day}`,
        [count, answered, Math.round(expectedRight * 1_000)],
      ])
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
      expect([total.calls, more]).toEqual([calls.length, 0])
    }),
  )
})

test('what is left out of a report is counted', () => {
  const table = new CallTable()
  for (const source of ['a', 'b', 'c'])
    table.put(`generic ${source}`, recordWith({ match: matchWith({ source: sourceOf(source) }) }), false)
  table.settle()
  const report = { by: ['source'] as const, model: 'last-touch' as const, daily: false, most: 2 }
  const { rows, more, total } = reportOn(table, { from: 0, to: 3, chooses: () => true }, report)
  expect([rows.length, more, total.calls]).toEqual([2, 1, 3])
})
