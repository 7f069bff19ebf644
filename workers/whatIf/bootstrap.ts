/**
 * How far a share may be off, given that the hours (or days) on record are some of many that might have been: whole blocks of
 * time are drawn again and again, because what happens within an hour hangs together. The same figures give the same interval.
 */
export type Share = {
  readonly share: number
  /** Where the middle 95 % of redrawn shares lie; null: too few blocks to say. */
  readonly low: number | null
  readonly high: number | null
}

/** In one block of time: of so many, so many. */
export type Block = { readonly hits: number; readonly of: number }

const rounds = 1_000
const blocksMin = 5
const seed = 20_260_401

export function shareOf(blocks: readonly Block[]): Share | null {
  const used = blocks.filter(block => block.of > 0)
  const share = ratio(used, place => place)
  if (share === null) return null
  if (used.length < blocksMin) return { share, low: null, high: null }
  const next = chanceFrom(seed)
  const shares = Float64Array.from({ length: rounds }, () =>
    Number(ratio(used, () => Math.floor(next() * used.length))),
  ).sort()
  const at = (part: number) => shares[Math.round(part * (rounds - 1))] as number
  return { share, low: at(0.025), high: at(0.975) }
}

function ratio(blocks: readonly Block[], pick: (place: number) => number): number | null {
  let [hits, of] = [0, 0]
  for (let place = 0; place < blocks.length; place++) {
    const block = blocks[pick(place)] as Block
    hits += block.hits
    of += block.of
  }
  return of === 0 ? null : hits / of
}

/** Mulberry32: small, and the same on every machine. */
function chanceFrom(from: number): () => number {
  let state = from
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
