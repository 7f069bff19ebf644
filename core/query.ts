/**
 * The query of an address, read as `URLSearchParams` reads it, for the few parameters that somebody asks for: of each
 * name in lower case the first value that says something. What is not asked for is passed over without being decoded.
 */
export function parametersOf(address: string, wanted: ReadonlySet<string>): ReadonlyMap<string, string> {
  const hash = address.indexOf('#')
  const end = hash === -1 ? address.length : hash
  const mark = address.indexOf('?')
  if (mark === -1 || mark >= end) return nothing
  const found = new Map<string, string>()
  // A second question mark belongs to the first, as it does for URLSearchParams.
  let from = address.charCodeAt(mark + 1) === questionMark ? mark + 2 : mark + 1
  while (from < end) {
    const ampersand = address.indexOf('&', from)
    const to = ampersand === -1 || ampersand > end ? end : ampersand
    readPair(address, from, to, wanted, found)
    from = to + 1
  }
  return found
}

const nothing: ReadonlyMap<string, string> = new Map()
const questionMark = 63

function readPair(
  address: string,
  from: number,
  to: number,
  wanted: ReadonlySet<string>,
  found: Map<string, string>,
): void {
  const equals = address.indexOf('=', from)
  // Without a sign, or with nothing behind it, the parameter says nothing.
  if (equals === -1 || equals + 1 >= to) return
  const written = address.slice(from, equals)
  const plain = (isEncoded(written) ? decoded(written) : written).toLowerCase()
  // A link that was escaped for HTML once too often says `&amp;utm_medium=`.
  const name = plain.startsWith('amp;') ? plain.slice(4) : plain
  if (!wanted.has(name) || found.has(name)) return
  const value = decoded(address.slice(equals + 1, to))
  if (value.trim() !== '') found.set(name, value)
}

const isEncoded = (text: string) => text.includes('%') || text.includes('+')

/** Percent-encoded UTF-8 with plus signs for spaces; bytes that are none become the replacement character. */
function decoded(text: string): string {
  if (!text.includes('%')) return text.replaceAll('+', ' ').toWellFormed()
  try {
    return decodeURIComponent(text.replaceAll('+', ' ')).toWellFormed()
  } catch {
    return new URLSearchParams(`value=${text}`).get('value') ?? ''
  }
}
