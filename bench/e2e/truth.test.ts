import { expect, test } from 'vitest'
import { runNames, truth } from '../load/truth.ts'

test('where numbers suffice every call is exact and right; where not, nothing claims more than it earned', async () => {
  const runs = await truth({ visitors: 200, calls: 50, seed: 7, runs: runNames })
  const [large, shared, fallback] = runs
  expect(runs.map(run => [run.name, run.troubles])).toEqual([
    ['large pool', []],
    ['small pool, overflow share', []],
    ['small pool, overflow fallback', []],
    ['passing visitors', []],
  ])
  expect(large?.rows).toMatchObject([{ kind: 'exact', calls: 50, right: 50 }])
  expect(shared?.shown).toEqual({ assigned: 40, shared: 160 })
  expect(shared?.rows.some(row => row.kind === 'shared')).toBe(true)
  expect(fallback?.shown).toEqual({ assigned: 40, fallback: 160 })
  expect(fallback?.rows.find(row => row.kind === 'none')?.claimed).toBe(0)
})
