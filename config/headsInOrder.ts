import { readCanonical } from './canonical.ts'
import { headTrouble, isSignedHead, type SignedHead } from './signedHead.ts'
import type { PublicKey } from './signing.ts'

export type Lines = AsyncIterable<string> | Iterable<string>

/** A line of a file of heads: the head it holds, or what is wrong with it. */
export type HeadFound = {
  /** As it says itself; -1 where it says nothing. */
  readonly index: number
  readonly line: number
  readonly head: SignedHead | null
  readonly says: string | null
}

/** `heads`: of one tenant. `anchors`: may hold heads of others too, which are passed over. */
export type HeadsKind = 'heads' | 'anchors'

/** Signed heads in the order of their file, one at a time: whatever its length, one is held. */
export class HeadsInOrder {
  readonly kind: HeadsKind
  readonly #lines: AsyncIterator<string> | Iterator<string>
  readonly #keys: readonly PublicKey[]
  readonly #isLost: (head: SignedHead) => boolean
  #line = 0
  #ahead: HeadFound | null | undefined
  /** Lines of an anchor file that are no heads, as a power cut may tear them. */
  unreadable = 0

  /** `isLost`: whether a head that is genuine speaks for records that the chain says it has no more: it is passed over. */
  constructor(
    kind: HeadsKind,
    lines: Lines,
    keys: readonly PublicKey[],
    isLost: (head: SignedHead) => boolean = () => false,
  ) {
    this.kind = kind
    this.#lines = Symbol.asyncIterator in lines ? lines[Symbol.asyncIterator]() : lines[Symbol.iterator]()
    this.#keys = keys
    this.#isLost = isLost
  }

  /** The next one, which stays; null: there is none. `tenant` null: whose they are is not known yet. */
  async peek(tenant: string | null): Promise<HeadFound | null> {
    for (;;) {
      if (this.#ahead === undefined || this.#isOfOther(this.#ahead, tenant)) this.#ahead = await this.#read()
      else if (this.#isPassedOver(this.#ahead)) this.#ahead = undefined
      else return this.#ahead
    }
  }

  drop(): void {
    this.#ahead = undefined
  }

  /** Nothing more is asked for. */
  async close(): Promise<void> {
    await this.#lines.return?.()
  }

  /** A stranger with access to an anchor file could as well take the line out, so to pass over it gives nothing away. */
  #isOfOther(found: HeadFound | null, tenant: string | null): boolean {
    if (this.kind === 'heads' || found === null) return false
    if (found.head === null) this.unreadable += 1
    return found.head === null || (tenant !== null && found.head.tenant !== tenant)
  }

  #isPassedOver(found: HeadFound | null): boolean {
    return found !== null && found.says === null && found.head !== null && this.#isLost(found.head)
  }

  async #read(): Promise<HeadFound | null> {
    const { done, value } = await this.#lines.next()
    if (done === true) return null
    this.#line += 1
    const line = this.#line
    const head = readCanonical(value)
    if (!isSignedHead(head)) return { index: -1, line, head: null, says: 'is no signed head' }
    return { index: head.index, line, head, says: headTrouble(head, this.#keys) }
  }
}
