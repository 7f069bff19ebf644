import type { CallRecord } from './outcome.ts'
import type { Caller, CallRow, Session } from './records.ts'
import { Rings } from './rings.ts'
import { Several } from './several.ts'
import type { Table } from './tables.ts'

/**
 * Where a person is named: from an id to the keys of the rows that hold it, so that nobody has to look through all of
 * them. Derived from the rows, and never stored.
 */
export class Names extends Several<string> {
  /** The keys that hold the name, in the order of the keys. */
  override of(name: string): string[] {
    const keys = super.of(name)
    return keys.length > 1 ? keys.sort() : keys
  }

  *entries(): IterableIterator<[name: string, key: string]> {
    for (const name of this.keys()) for (const key of this.of(name)) yield [name, key]
  }
}

export type TenantNames = {
  /** From a visitor to its sessions. */
  readonly sessions: Names
  /** From a visitor to the calls whose match names it. */
  readonly matched: Names
  /** From a pseudonym to the calls that have it as A or C. */
  readonly calls: Names
  /** From a visitor to the callers who remember a call that went to it. */
  readonly linked: Names
  /** How often the numbers rang. */
  readonly rings: Rings
}

export function createNames(): TenantNames {
  const names = { sessions: new Names(), matched: new Names(), calls: new Names(), linked: new Names() }
  return { ...names, rings: new Rings() }
}

type Rows = {
  readonly names: TenantNames
  readonly sessions: Table<Session>
  readonly calls: Table<CallRow>
  readonly callers: Table<Caller>
}

/** Notes who is named in every row of a tenant. */
export function nameAll({ names, sessions, calls, callers }: Rows): void {
  for (const [id, { visitor }] of sessions.entries()) names.sessions.add(visitor, id)
  for (const [key, call] of calls.entries()) nameCall(names, key, undefined, call)
  for (const [a, caller] of callers.entries()) nameCaller(names, a, undefined, caller)
}

/** Notes who is named in a call's record, instead of in the one before. */
export function nameCall(
  names: TenantNames,
  key: string,
  before: CallRecord | undefined,
  after: CallRecord | undefined,
): void {
  names.rings.note(before, after)
  if (before !== undefined && before.match !== after?.match)
    for (const visitor of visitorsIn(before)) names.matched.remove(visitor, key)
  if (after !== undefined && before?.match !== after.match)
    for (const visitor of visitorsIn(after)) names.matched.add(visitor, key)
  for (const name of before === undefined ? [] : peopleIn(before)) names.calls.remove(name, key)
  for (const name of after === undefined ? [] : peopleIn(after)) names.calls.add(name, key)
}

/** Every visitor that a record's match names: whom it answers is the first candidate. */
function visitorsIn({ match }: CallRecord): string[] {
  return match.candidates.map(one => one.visitor)
}

/** Every pseudonym that a record holds; one may come several times. */
function peopleIn({ a, c, heard }: CallRecord): string[] {
  const people: string[] = []
  if (a !== null) people.push(a)
  if (c !== null) people.push(c)
  for (const one of heard) {
    if (one.a !== null && one.a !== a) people.push(one.a)
    if (one.c !== null && one.c !== c) people.push(one.c)
  }
  return people
}

/** Notes to whom the calls went that a caller remembers, instead of those before. */
export function nameCaller(
  names: TenantNames,
  a: string,
  before: Caller | undefined,
  after: Caller | undefined,
): void {
  for (const { to } of before?.calls ?? []) if (to !== null) names.linked.remove(to.visitor, a)
  for (const { to } of after?.calls ?? []) if (to !== null) names.linked.add(to.visitor, a)
}

/** The calls whose records name one of these people. */
export function callsNaming(
  names: TenantNames,
  { visitors, callers }: { readonly visitors: readonly string[]; readonly callers: readonly string[] },
): ReadonlySet<string> {
  return new Set([
    ...visitors.flatMap(visitor => names.matched.of(visitor)),
    ...callers.flatMap(a => names.calls.of(a)),
  ])
}
