import { expect, test } from 'vitest'
import { policyOf } from '../../core/story.ts'
import { breaks } from './breaks.ts'
import { storesFolder } from './folder.ts'
import { dueBy } from './model.ts'
import { run, type RunSetup } from './run.ts'
import { dayMs, hourMs } from './world.ts'

/** Seeds whose policies name fields, and change soon. */
const seed = 2

async function runIn(setup: Omit<RunSetup, 'directory'>) {
  const folder = storesFolder(null)
  try {
    return await run({ ...setup, directory: folder.path })
  } finally {
    folder.remove()
  }
}

test('in 400 days with retention changed in both directions nothing opens late, and nothing is gone early', async () => {
  const { figures, departed } = await runIn({ seed, days: 400, perHour: 0.1 })
  expect(departed).toBe(null)
  expect(figures).toMatchObject({
    days: 400,
    dayRecords: 400,
    changeRecords: figures.shorter + figures.longer,
  })
  for (const [name, least] of Object.entries({ shorter: 5, longer: 5, ownerRestarts: 5, cutOffs: 5 }))
    expect([name, figures[name as keyof typeof figures] >= least]).toEqual([name, true])
  expect(figures.sealedAnew).toBeGreaterThan(50)
  expect(figures.boundaries).toBeGreaterThan(1_000)
  expect(figures.opened).toBeGreaterThan(5_000)
  expect(figures.refused).toBeGreaterThan(5_000)
  // A period and the second until the next round.
  expect(figures.latestMs).toBeLessThan(30 * 60_000 + 2_000)
}, 120_000)

test.each(breaks)(
  'it is noticed that $breaks',
  async ({ caught, tamper }) => {
    const { departed } = await runIn({ seed, days: 120, perHour: 0.6, tamper })
    expect(departed).toMatch(caught)
  },
  120_000,
)

test('the model: what is due goes, what a longer retention finds still there stays, what a shorter one finds is due', () => {
  const of = (days: number) => ({ ...policyOf(1), retentionMs: days * dayMs })
  const policies = [
    { fromMs: 0, policy: of(10) },
    { fromMs: 10 * dayMs + 1, policy: of(20) },
    { fromMs: 15 * dayMs, policy: { ...of(5), fieldRetentionMs: { url: hourMs } } },
  ]
  const due = (atMs: number, nowMs: number, name = 'retention') => dueBy(policies, name, atMs, nowMs)
  expect(due(0, 10 * dayMs - 1)).toEqual({ first: null, since: null })
  expect(due(0, 10 * dayMs)).toEqual({ first: 10 * dayMs, since: 10 * dayMs })
  expect(due(0, 12 * dayMs)).toEqual({ first: 10 * dayMs, since: null })
  expect(due(2, 14 * dayMs)).toEqual({ first: null, since: null })
  expect(due(2, 16 * dayMs)).toEqual({ first: 15 * dayMs, since: 15 * dayMs })
  expect(due(14 * dayMs, 16 * dayMs)).toEqual({ first: null, since: null })
  expect(due(14 * dayMs, 16 * dayMs, 'url').first).toBe(15 * dayMs)
  expect(due(16 * dayMs, 17 * dayMs, 'url').first).toBe(16 * dayMs + hourMs)
})
