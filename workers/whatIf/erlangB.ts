/**
 * Erlang's loss formula: the share of arrivals that find all of `numbers` taken, where they come at random and each takes one
 * for a while, `load` of them at a time on average if there were enough. By the recursion of its inverse, 1/B(n) = 1 + n/load ×
 * 1/B(n − 1), which neither overflows into nonsense nor cancels, however large both are.
 */
export function erlangB(numbers: number, load: number): number {
  if (load <= 0) return 0
  let inverse = 1
  for (let taken = 1; taken <= numbers; taken++) inverse = 1 + (taken / load) * inverse
  return 1 / inverse
}

/** What came in a stretch of time, and how long the stretch was. */
export type Arrivals = { readonly count: number; readonly lastingMs: number }

/**
 * The same for arrivals that are more at some hours than at others: each stretch by itself, weighted by who came in it. Good
 * where what is taken is given back faster than the hours change.
 */
export function erlangByStretch(numbers: number, holdMs: number, stretches: readonly Arrivals[]): number {
  let [lost, all] = [0, 0]
  for (const { count, lastingMs } of stretches) {
    lost += count * erlangB(numbers, loadOf({ count, lastingMs }, holdMs))
    all += count
  }
  return all === 0 ? 0 : lost / all
}

/** How many are held at a time on average. */
export function loadOf({ count, lastingMs }: Arrivals, holdMs: number): number {
  return lastingMs <= 0 ? 0 : (count / lastingMs) * holdMs
}
