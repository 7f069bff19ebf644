/** What was sealed is read with care: an older version may have written it. */

/** Text as it is; other values as JSON, so that nothing is lost; null where there is none. */
export function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A map of texts, by name in a stable order. */
export function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  return ordered(Object.entries(value).map(([name, inner]) => [name, textOf(inner) ?? '']))
}

/** What was sealed under names other than these. */
export function restOf(
  personal: Readonly<Record<string, unknown>>,
  known: readonly string[],
): Record<string, unknown> {
  const rest = Object.entries(personal).filter(([name]) => !known.includes(name))
  return ordered(rest.map(([name, value]) => [name, plain(value)]))
}

/** One map of several; what is said later counts. */
export function merged(maps: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  return ordered([...new Map(maps.flatMap(map => Object.entries(map)))])
}

/** As JSON keeps it: what an export says has to be the same when it is read back. */
function plain(value: unknown): unknown {
  const written = JSON.stringify(value)
  return written === undefined ? null : JSON.parse(written)
}

/** A name like `__proto__` is one like any other here. */
function ordered<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  return Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)))
}
