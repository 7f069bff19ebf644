import { createLender, type Lender } from './lender.ts'

/**
 * NinjaCat: a call goes to the last visitor who saw the number; if that was more than an hour ago it is "Unknown". For how long
 * a number is kept from others is not published; here nobody else is shown it during a visit while there is another.
 * Source: https://docs.ninjacat.io/docs/what-is-a-dynamic-number-pool
 */
export const ninjacat = (size: number): Lender =>
  createLender({
    name: 'last viewer, 1 h',
    size,
    holdMs: 5 * 60_000,
    countsMs: 60 * 60_000,
    whenEmpty: 'oldest',
    remembersVisitors: false,
    remembersCallers: false,
  })
