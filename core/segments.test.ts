import { expect, test } from 'vitest'
import type { Input } from './input.ts'
import type { Outcome } from './outcome.ts'
import type { Segments, TenantPolicy } from './policy.ts'
import { hello, number, policyOf, signal, tell } from './story.ts'

const base = policyOf(1)
const [sales] = base.targets
const [pool] = base.pools
if (sales === undefined || pool === undefined) throw new Error('a story has a target and a pool')

/** Visits of a brand have a pool of their own; those of staff get no number. */
const policy: TenantPolicy = {
  ...base,
  targets: [
    {
      ...sales,
      segments: [
        { id: 'brand', when: {}, pool: 'brand' },
        { id: 'staff', when: {}, pool: null },
      ],
    },
  ],
  pools: [pool, { ...pool, id: 'brand', numbers: [number(7), number(8)] }],
}

const arrival = (who: string, segments: Segments, fresh = who): Input =>
  ({ ...hello(who, fresh), segments }) as Input

const shownBy = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap(one =>
    one.kind === 'number-lent' || one.kind === 'number-kept' || one.kind === 'fallback-shown'
      ? [one.number]
      : [],
  )

test('[A9] a visit gets a number of its segment’s pool, and none where the segment has no pool', () => {
  const story = tell(policy)
  expect(shownBy(story.at(1, arrival('anna', { sales: 'brand' })))).toEqual([number(7)])
  expect(shownBy(story.at(2, arrival('bo', {})))).toEqual([number(0)])
  expect(shownBy(story.at(3, arrival('carl', { sales: 'staff' })))).toEqual([null])
  expect(shownBy(story.at(4, arrival('dora', { sales: 'unheard of', other: 'brand' })))).toEqual([number(0)])
})

test('[A9] a session keeps the segments with which it opened, through a restart too', () => {
  const story = tell({ ...policy, pools: policy.pools.map(one => ({ ...one, maxHoldMs: 30_000 })) })
  story.at(1, arrival('anna', { sales: 'brand' }))
  story.restart()
  expect(shownBy(story.at(31, arrival('anna', { sales: 'staff' }, 'anna2')))).toEqual([number(8)])
})

test('[A9] [A6] a segment that is gone from the policy is none from then on, and what was lent stays', () => {
  const story = tell(policy)
  story.at(1, arrival('anna', { sales: 'brand' }))
  const without: TenantPolicy = { ...policy, targets: [sales] }
  story.at(2, { kind: 'configured', tenant: 'acme', version: 'v2', policy: without })
  expect(shownBy(story.at(3, arrival('anna', { sales: 'brand' }, 'anna2')))).toEqual([number(7)])
  expect(shownBy(story.at(4, arrival('bo', { sales: 'brand' })))).toEqual([number(0)])
})

test('[A9] [M11] a call to a segment’s number goes where its target’s calls go', () => {
  const story = tell(policy)
  story.at(1, signal('c1', number(8)))
  expect(story.call('c1').forward).toBe(sales.forward)
})
