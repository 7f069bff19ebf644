/**
 * How values leave lmdb-js, which reads all of them into one buffer: as copies, each of which costs as much as finding its row
 * and has to be cleared away; or, while somebody only looks, as that buffer itself, whose `length` is then the value's.
 */
export const bytesOrLent = {
  encode: (bytes: Buffer) => bytes,
  decode: (bytes: Buffer) => (isLending ? bytes : Uint8Array.prototype.slice.call(bytes, 0, bytes.length)),
}

let isLending = false

export function whileLending(look: () => void): void {
  isLending = true
  try {
    look()
  } finally {
    isLending = false
  }
}
