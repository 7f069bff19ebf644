import { expect, test } from 'vitest'
import { drill } from '../kill/drill.ts'

const kills = Number(process.env.KILL_ROUNDS ?? 2)

test('what was acknowledged outlives a kill of everything, and of the main process alone', async () => {
  const report = await drill({ kills, mainOnly: 1, threads: 1, visitors: 60, seed: 11, say: () => undefined })
  expect(report.troubles).toEqual([])
  expect(report.events.acknowledged).toBeGreaterThan(0)
  expect(report.calls.acknowledged).toBeGreaterThan(0)
  expect(report.results.stored).toBeGreaterThanOrEqual(report.calls.acknowledged)
  expect(report.results.storedAgain).toBeGreaterThan(0)
})
