import { createLender, type Lender } from './lender.ts'

const hold = 20 * 60_000

/**
 * As CallRail's pools are described: a number is held for a visitor for about 20 minutes, and when all are in use swapping
 * stops. Source: https://brain.markahope.com/article/wiki/knowledge/call-tracking/callrail-dynamic-number-insertion.md, an
 * agency's notes; CallRail's own article could not be read.
 */
export const callrail = (size: number): Lender =>
  createLender({
    name: 'hold 20 min',
    size,
    holdMs: hold,
    countsMs: hold,
    whenEmpty: 'own number',
    remembersVisitors: false,
    remembersCallers: false,
  })
