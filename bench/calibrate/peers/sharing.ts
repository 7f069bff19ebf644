import { createLender, type Lender } from './lender.ts'

/**
 * Numbers are shared: visitors are spread evenly over them, whoever comes back sees the number of before, and a visitor is
 * matched to every call: here the one who saw the number last. As CallTrackingMetrics describes its pools, without the likelihood
 * that it gives each match and does not publish how to work out. Sources:
 * https://www.calltrackingmetrics.com/support/numbers/number-management/1543735-how-many-tracking-numbers-do-i-need/ and
 * https://calltrackingmetrics.zendesk.com/hc/en-us/articles/6585030022413
 */
export const sharing = (size: number): Lender =>
  createLender({
    name: 'shared, last viewer',
    size,
    holdMs: 0,
    countsMs: Number.POSITIVE_INFINITY,
    whenEmpty: 'oldest',
    remembersVisitors: true,
    remembersCallers: false,
  })
