import type { Measure } from './measures.ts'

/** What an owner says of pools. */
export const poolMeasures = {
  ringtrail_pool_numbers: {
    type: 'gauge',
    help: 'Numbers of a pool, by phase: assigned, tail, cooling, free; and beside these draining: taken out, while a claim runs.',
    labels: ['tenant', 'pool', 'phase'],
  },
  ringtrail_pool_utilisation_ratio: {
    type: 'gauge',
    help: 'The share of the numbers of a pool that cannot be lent now: held, in their tail or cooling down.',
    labels: ['tenant', 'pool'],
  },
  ringtrail_pool_filling: {
    type: 'gauge',
    help: '1 from when the utilisation of a pool reaches its `warnAt` until it is a tenth below.',
    labels: ['tenant', 'pool'],
  },
  ringtrail_pool_size: { type: 'gauge', help: 'Numbers in a pool.', labels: ['tenant', 'pool'] },
  ringtrail_pool_overflowed_total: {
    type: 'counter',
    help: 'Visits for which the pool had no number of their own, by what they got.',
    labels: ['tenant', 'pool', 'got'],
  },
} as const satisfies Record<string, Measure>
