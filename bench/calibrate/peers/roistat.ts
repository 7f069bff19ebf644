import { createLender, type Lender } from './lender.ts'

const hold = 2.5 * 60_000

/**
 * Roistat: a number is a visitor's for the duration of the visit and 2.5 minutes. What a visitor sees when all are taken is not
 * published; here it is the page's own number. Source: http://help-en.roistat.com/display/Eng/Substitution+numbers
 */
export const roistat = (size: number): Lender =>
  createLender({
    name: 'hold 2.5 min',
    size,
    holdMs: hold,
    countsMs: hold,
    whenEmpty: 'own number',
    remembersVisitors: false,
    remembersCallers: false,
  })
