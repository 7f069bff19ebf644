/** The same numbers from 0 to 1 for the same seed (mulberry32, public domain), so that a schedule can be repeated. */
export function createChance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The items in a random order. */
export function shuffled<Item>(items: readonly Item[], chance: () => number): Item[] {
  return items
    .map(item => ({ item, place: chance() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}

/** Moments in milliseconds from 0 at which something is to happen, so many a second on average, independently (Poisson). */
export function arrivals(perSecond: number, seconds: number, chance: () => number): number[] {
  const moments: number[] = []
  let at = 0
  while (true) {
    at += (-Math.log(1 - chance()) * 1_000) / perSecond
    if (at >= seconds * 1_000) return moments
    moments.push(at)
  }
}
