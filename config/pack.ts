import './flatTexts.ts'
import { Packr } from 'msgpackr'

/**
 * The one door to MessagePack, the form in which our own parts speak to each other and in which LMDB keeps what it
 * keeps. Plain maps, never learned record structures: readers in other languages and of other versions understand
 * every byte, and two packers cannot disagree about a dictionary.
 */
const packr = new Packr({ useRecords: false, int64AsType: 'number', copyBuffers: true })

/**
 * Packs plain data. Nothing writes to the bytes again, so they may be kept; they may lie in one block of memory with
 * others, so they are copied rather than transferred to another thread.
 */
export function pack(value: unknown): Buffer {
  return packr.pack(value)
}

/** The bytes are not one whole value. What they are is not said: msgpackr would quote them, and they may be about somebody. */
export class NotPacked extends Error {
  override readonly name = 'NotPacked'
  constructor() {
    super('the bytes are not one whole value')
  }
}

/**
 * Reads what `pack` wrote. Byte strings inside are copies, so nothing holds on to `bytes`. Throws `NotPacked` if the
 * bytes are not one whole MessagePack value.
 */
export function unpack(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes)
  } catch {
    throw new NotPacked()
  }
}
