import { expect, test } from 'vitest'
import { classify } from '../../core/sources.ts'
import { arrivals } from './arrivals.ts'
import { measureClassifying } from './measure.ts'

test('the mix has every kind of source in it', () => {
  const rules = new Set(arrivals.map(arrival => classify(arrival).because))
  expect([...rules].sort()).toEqual(['click-id', 'direct', 'referral', 'referrer', 'self', 'utm'])
})

test('a short measurement says a figure for the mix and for each arrival', async () => {
  const { p50Ns, p99Ns, each } = await measureClassifying(20)
  for (const value of [p50Ns, p99Ns, ...each.map(one => one.p50Ns)]) expect(value).toBeGreaterThan(0)
  expect(each).toHaveLength(arrivals.length)
})
