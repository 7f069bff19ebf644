import { expect, test } from 'vitest'
import { compared } from '../erasure/digest.ts'
import { measureErasure, ratioTroubles } from '../erasure/measure.ts'
import { reportText } from '../erasure/report.ts'

const counts = {
  sessions: 1_500,
  numbers: 50,
  decisions: 80,
  rounds: 1,
  compactedRounds: 1,
  seconds: 0.5,
  callsPerSecond: 40,
  many: 5,
  untilIntakeGone: false,
  judges: false,
}

test('people are erased among many while calls ring and the store is compacted, and nobody else notices', async () => {
  const report = await measureErasure(counts, () => undefined)
  expect(report.troubles).toEqual([])
  expect(report.stands.sessions).toBe(counts.sessions)
  expect(report.erased).toBe(7)
  for (const name of compared) {
    expect(report.before[name].rows).toBeGreaterThan(0)
    expect(report.after[name]).toEqual(report.before[name])
  }
  for (const { answered, rowsGone, keysGone } of Object.values(report.states)) {
    expect(answered).toBeGreaterThan(0)
    expect(keysGone).toBeGreaterThanOrEqual(rowsGone ?? Number.POSITIVE_INFINITY)
  }
  expect(report.compaction.rows).toBeGreaterThan(counts.sessions)
  const text = reportText(report)
  expect(text).toContain('Everybody else, before and after')
  expect(text).toContain('Ratios of those p99, not judged: the windows are too few')
  expect(text).not.toMatch(/│ (?:not )?met/)
  const judged = reportText({ ...report, counts: { ...counts, judges: true }, ratios: { 'one / calm': 1.3 } })
  expect(judged).toMatch(/one \/ calm │ 1\.30 +│ not met/)
}, 120_000)

test('one person at more than 1.25 times the calm one is a trouble, where there are windows enough', () => {
  const slow = { 'one / calm': 1.26, '50 / calm': 9 }
  expect(ratioTroubles({ judges: true }, slow)).toEqual(['one / calm: 1.26, not at most 1.25'])
  expect(ratioTroubles({ judges: true }, { ...slow, 'one / calm': 1.25 })).toEqual([])
  expect(ratioTroubles({ judges: true }, {})).toHaveLength(1)
  expect(ratioTroubles({ judges: false }, slow)).toEqual([])
})
