/** Seeded chance: the same seed tells the same story. xorshift32, enough for loads, not for secrets. */
export type Chance = {
  /** From 0 up to, but without, 1. */
  fraction(): number
  /** From 0 up to, but without, `below`. */
  whole(below: number): number
  /** True in this share of the cases. */
  happens(share: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** The items in a random order. */
  shuffled<Item>(items: readonly Item[]): Item[]
  /** 22 characters of the alphabet of visitor ids. */
  id(): string
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export function createChance(seed: number): Chance {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
  for (let warm = 0; warm < 16; warm++) next()
  const whole = (below: number) => Math.floor(next() * below)
  return {
    fraction: next,
    whole,
    happens: share => next() < share,
    pick: items => items[whole(items.length)] as (typeof items)[number],
    shuffled: items => {
      const rest = [...items]
      return items.map(() => rest.splice(whole(rest.length), 1)[0] as (typeof items)[number])
    },
    id: () => Array.from({ length: 22 }, () => alphabet[whole(64)]).join(''),
  }
}
