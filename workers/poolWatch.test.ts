import { expect, test } from 'vitest'
import type { Logger } from '../config/logger.ts'
import { began, policyOf, tell } from '../core/story.ts'
import { createCounts } from './counts.ts'
import { createPoolWatch } from './poolWatch.ts'

/** Idle, tail and cool-down of the story's pool are a minute each. */
function watched(size: number, warnAt?: number) {
  const story = tell(policyOf(size, { stickyMs: 0, ...(warnAt !== undefined && { warnAt }) }))
  const lines: [object, string][] = []
  const logger = { warn: (fields: object, line: string) => void lines.push([fields, line]) }
  const counts = createCounts()
  let now = 0
  const look = createPoolWatch(counts, logger as unknown as Logger, () => now)
  return {
    story,
    lines,
    look: (second: number) => {
      // Nothing is told meanwhile: the log's time stands still.
      now = began + second * 1_000
      look([story.state()])
      return gaugesOf(counts)
    },
  }
}

function gaugesOf(counts: ReturnType<typeof createCounts>): Record<string, number> {
  const pools = counts.asJson().filter(({ name }) => /^ringtrail_pool_(?!overflowed)/.test(name))
  const series = pools.flatMap(({ name, values }) =>
    values.map(({ labels, value }) => [
      `${name.slice('ringtrail_pool_'.length)} ${labels.phase ?? ''}`.trim(),
      value,
    ]),
  )
  return Object.fromEntries(series)
}

test('it is said once when a pool reaches what it is warned at, and again only after it was clearly below', () => {
  const { story, lines, look } = watched(10)
  const people = (second: number, from: number, to: number) => {
    for (let place = from; place < to; place++) story.hello(second, `v${place}`)
  }
  people(1, 0, 7)
  expect(look(2)).toMatchObject({ utilisation_ratio: 0.7, filling: 0 })
  people(3, 7, 8)
  expect(look(4)).toMatchObject({ utilisation_ratio: 0.8, filling: 1 })
  expect(lines).toEqual([
    [{ tenant: 'acme', pool: 'sales', size: 10, inUse: 8, draining: 0, warnAt: 0.75 }, 'pool_filling'],
  ])
  // The seven are free again, which is clearly below; then five others come.
  people(100, 8, 10)
  expect(look(181)).toMatchObject({ 'numbers assigned': 0, 'numbers tail': 2, 'numbers free': 7 })
  people(182, 10, 15)
  expect(look(182)).toMatchObject({ utilisation_ratio: 0.8, filling: 1 })
  expect(lines).toHaveLength(2)
})

test('near the border it is said once', () => {
  const { story, lines, look } = watched(50, 0.5)
  for (let place = 0; place < 25; place++) story.hello(place < 1 ? 1 : 60, `v${place}`)
  expect(look(61)).toMatchObject({ utilisation_ratio: 0.5, filling: 1 })
  expect(look(185)).toMatchObject({ utilisation_ratio: 0.48, filling: 1 })
  story.hello(186, 'other')
  expect(look(187)).toMatchObject({ utilisation_ratio: 0.5, filling: 1 })
  expect(lines).toHaveLength(1)
})

test('[A7] a number that was taken out drains beside the pool until its last claim has ended', () => {
  const { story, look } = watched(2)
  story.hello(1, 'anna')
  const policy = policyOf(2)
  const [pool] = policy.pools
  story.at(2, {
    kind: 'configured',
    tenant: 'acme',
    version: 'v2',
    policy: {
      ...policy,
      pools: [{ ...(pool as NonNullable<typeof pool>), numbers: pool?.numbers.slice(1) ?? [] }],
    },
  })
  expect(look(180)).toMatchObject({ size: 1, 'numbers draining': 1, 'numbers free': 1, utilisation_ratio: 0 })
  expect(look(181)).toMatchObject({ size: 1, 'numbers draining': 0 })
})
