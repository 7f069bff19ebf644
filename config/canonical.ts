import canonicalize from 'canonicalize'

/**
 * The one door to canonical JSON (RFC 8785): the same bytes for the same value, whoever writes them. What is hashed or
 * signed is hashed or signed in this form, so that any language can check it.
 */
export function canonical(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new Error('There is no canonical form of what is not JSON.')
  return text
}

/** The value of a line, where the line is exactly its canonical form; undefined where it is not. */
export function readCanonical(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line)
    return canonical(value) === line ? value : undefined
  } catch {
    return undefined
  }
}
