import type { Chance } from '../load/chance.ts'

/** Times of people: most are short, some are very long. */

/** About 0, half of them between -0.67 and 0.67. */
function normal(chance: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - chance.fraction())) * Math.cos(2 * Math.PI * chance.fraction())
}

/** Half of the times are below the median; with a spread of 1 two thirds lie between a third of it and its threefold. */
export function around(chance: Chance, medianMs: number, spread: number): number {
  return Math.round(medianMs * Math.exp(spread * normal(chance)))
}

/** The time until something that happens so often on the average. */
export function waiting(chance: Chance, meanMs: number): number {
  return Math.round(-meanMs * Math.log(1 - chance.fraction()))
}
