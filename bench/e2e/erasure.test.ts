import { expect, test } from 'vitest'
import { compared } from '../erasure/digest.ts'
import { measureErasure } from '../erasure/measure.ts'
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
  expect(reportText(report)).toContain('Everybody else, before and after')
}, 120_000)
