import { randomInt } from 'node:crypto'
import type { Approximate } from '../core/breach.ts'

const exactMax = 1 << 20
const bucketsInAll = 256
const keptPerBucket = exactMax / bucketsInAll
/** One standard deviation of an estimate, as a share of it (adaptive sampling: 1.2/√m of m that are kept at most). */
const deviation = 1.2 / Math.sqrt(exactMax)

/**
 * Counts different texts in bounded memory: exactly up to a million, then by those whose hash ends in so many zeros, which
 * say how many all of them are. They lie in small buckets outside of the heap, each of which is thinned by itself, so that
 * nobody waits for a million to be sorted, moved or collected.
 */
export class Distinct {
  readonly #buckets = Array.from({ length: bucketsInAll }, () => new Bucket())
  readonly #seed: number
  #kept = 0
  /** There are more than may be kept. */
  #isEstimate = false

  constructor(seed = randomInt(2 ** 32)) {
    this.#seed = seed
  }

  add(text: string): void {
    hash(text, this.#seed)
    const low = hashed[0] as number
    const high = hashed[1] as number
    const bucket = this.#buckets[low & (bucketsInAll - 1)] as Bucket
    if (!bucket.add(low, high)) return
    this.#kept += 1
    this.#isEstimate ||= this.#kept > exactMax
    if (this.#isEstimate && bucket.size > keptPerBucket) this.#kept -= bucket.thin()
  }

  count(): Approximate {
    if (!this.#isEstimate) return { count: this.#kept, plusMinus: 0 }
    const count = this.#buckets.reduce((sum, bucket) => sum + bucket.estimate(), 0)
    return { count, plusMinus: Math.ceil(3 * deviation * count) }
  }
}

const slotsAtFirst = 16

/** Hashes of one bucket, two words each: an open table, in which two zeros are nobody. */
class Bucket {
  #words = new Int32Array(2 * slotsAtFirst)
  /** Of all that came, those are kept whose high word has no bit of this. */
  #thinnedBy = 0
  size = 0

  /** Whether it was not there. */
  add(low: number, high: number): boolean {
    if ((high & this.#thinnedBy) !== 0 || !this.#put(low, high)) return false
    this.size += 1
    if (this.size * 8 > this.#words.length * 3) this.#fill(2 * this.#words.length, this.#words)
    return true
  }

  estimate(): number {
    return this.size * (this.#thinnedBy + 1)
  }

  /** Keeps about half, and says how many went. */
  thin(): number {
    const before = this.size
    this.#thinnedBy = 2 * this.#thinnedBy + 1
    this.#fill(this.#words.length, this.#words)
    return before - this.size
  }

  #put(low: number, high: number): boolean {
    const words = this.#words
    const last = words.length - 1
    let place = (2 * (low >>> 8)) & last
    for (; words[place] !== 0 || words[place + 1] !== 0; place = (place + 2) & last)
      if (words[place] === low && words[place + 1] === high) return false
    words[place] = low
    words[place + 1] = high
    return true
  }

  /** Makes the table anew, of those who stay. */
  #fill(length: number, before: Int32Array): void {
    this.#words = new Int32Array(length)
    this.size = 0
    for (let place = 0; place < before.length; place += 2) {
      const low = before[place] as number
      const high = before[place + 1] as number
      const stays = (low !== 0 || high !== 0) && (high & this.#thinnedBy) === 0
      if (stays && this.#put(low, high)) this.size += 1
    }
  }
}

/** The last hash, so that none is an object of its own. */
const hashed = new Int32Array(2)

/** Two mixed words of 32 bits (MurmurHash's multipliers). Seeded anew each time, so that nobody can aim at it. */
function hash(text: string, seed: number): void {
  let high = 0xdeadbeef ^ seed
  let low = 0x41c6ce57 ^ seed
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2_654_435_761)
    low = Math.imul(low ^ code, 1_597_334_677)
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  hashed[0] = low
  hashed[1] = high
}
