import type { Input } from '../../core/input.ts'
import type { Outcome } from '../../core/outcome.ts'

/** The same value in one spelling: fields in the order of their names. */
export function spelled(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  )
}

/**
 * Whether two lists say the same. The rules leave the order of an entry's outcomes open, but for a pulse's (E7).
 */
export function agree(input: Input, expected: readonly Outcome[], got: readonly Outcome[]): boolean {
  const [wanted, found] = [expected, got].map(list => list.map(spelled)) as [string[], string[]]
  if (input.kind !== 'pulse') {
    wanted.sort()
    found.sort()
  }
  return wanted.length === found.length && wanted.every((text, place) => text === found[place])
}
