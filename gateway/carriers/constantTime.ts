import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * Whether one of `offered` is one of `expected`. Every pair is compared, over hashes of equal length, so that the time it
 * takes tells neither where the texts differ nor how long the expected one is.
 */
export function anyEqual(offered: readonly string[], expected: readonly string[]): boolean {
  const hashes = expected.map(hashed)
  let found = false
  for (const text of offered) {
    const hash = hashed(text)
    for (const candidate of hashes) found = timingSafeEqual(hash, candidate) || found
  }
  return found
}

function hashed(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}
