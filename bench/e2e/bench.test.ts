import { expect, test } from 'vitest'
import { measure } from '../path/measure.ts'
import { reportText } from '../path/report.ts'

const counts = {
  rounds: 2,
  perRound: 40,
  warmUp: 10,
  visitors: 60,
  openSeconds: 1,
  lent: 100,
  matchMs: 20,
  priceBatches: 2,
  doorRounds: 2,
  perDoorRound: 5,
}

test('the benchmark measures floors, both modes and the match in one run, and every call is answered', async () => {
  const report = await measure(counts)
  const { medians, rounds } = report.closed
  expect(rounds).toHaveLength(2)
  for (const figures of Object.values(medians)) {
    expect(figures.count).toBe(80)
    expect(figures.p50).toBeGreaterThan(0)
    expect(figures.p99).toBeGreaterThanOrEqual(figures.p50)
  }
  for (const open of Object.values(report.open)) {
    expect(Object.values(open.kinds).reduce((sum, one) => sum + one, 0)).toBe(open.calls.count)
    expect(open.eventsSent).toBeGreaterThan(0)
    expect(open.eventsRefused).toBe(0)
  }
  expect(report.ratios.filter(one => one.met !== null).map(one => one.target)).toEqual([1.7, 1.5, 2])
  for (const { ringtrail, nats } of Object.values(report.processor))
    expect(ringtrail + nats).toBeGreaterThan(0)
  expect(reportText(report)).toContain('full call path, durable')
  expect(reportText(report)).toContain('frame to packed message')
  expect(report.doors.map(({ what }) => what)).toEqual(['page', 'hello', 'ring'])
})
