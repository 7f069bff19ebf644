import { randomInt } from 'node:crypto'
import type { Approximate } from '../core/breach.ts'

const exactMax = 1 << 20
const keptWhenMany = 1 << 18
const hashesInAll = 2 ** 53

/**
 * Counts different texts in bounded memory: exactly up to a million, then from the smallest hashes, which say how dense
 * all of them are (k minimum values; the error is 1/√k, 0.2 % at one standard deviation).
 */
export class Distinct {
  #hashes = new Set<number>()
  /** Hashes from here on are not kept. */
  #below = hashesInAll
  readonly #seed: number

  constructor(seed = randomInt(2 ** 32)) {
    this.#seed = seed
  }

  add(text: string): void {
    const hash = hash53(text, this.#seed)
    if (hash >= this.#below) return
    this.#hashes.add(hash)
    if (this.#hashes.size > exactMax) this.#thin()
  }

  count(): Approximate {
    const { size } = this.#hashes
    if (this.#below === hashesInAll) return { count: size, plusMinus: 0 }
    const count = Math.round((size / this.#below) * hashesInAll)
    return { count, plusMinus: Math.ceil((3 * count) / Math.sqrt(size)) }
  }

  #thin(): void {
    const sorted = Float64Array.from(this.#hashes).sort()
    this.#below = sorted[keptWhenMany] ?? hashesInAll
    this.#hashes = new Set(sorted.subarray(0, keptWhenMany))
  }
}

/** Two mixed words of 32 bits (MurmurHash's multipliers). Seeded anew each time, so that nobody can aim at it. */
function hash53(text: string, seed: number): number {
  let high = 0xdeadbeef ^ seed
  let low = 0x41c6ce57 ^ seed
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2_654_435_761)
    low = Math.imul(low ^ code, 1_597_334_677)
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  return 4_294_967_296 * (0x1f_ff_ff & low) + (high >>> 0)
}
