import { createLender, type Lender } from './lender.ts'

const hold = 5 * 60_000

/**
 * Delacon: a web session times out after about 5 minutes, and only calls within count; a caller known from before without
 * a new visit gets the web session of before. Sources:
 * https://www.delaconcorp.com/faq-and-support/what-determines-whether-a-call-is-considered-to-have-converted/ and
 * https://support.delaconcorp.com/hc/en-us/articles/360020541254
 */
export const delacon = (size: number): Lender =>
  createLender({
    name: 'hold 5 min',
    size,
    holdMs: hold,
    countsMs: hold,
    whenEmpty: 'own number',
    remembersVisitors: false,
    remembersCallers: true,
  })
