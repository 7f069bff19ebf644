import type { CallFilter } from '../../core/wire/questions.ts'
import { outcomeNames } from '../../core/callOutcomes.ts'
import { type CallTable, matchKinds } from './callTable.ts'
import { flag, hashOf } from './columns.ts'

/** Whether a call is one of those that are asked for, by its columns alone. */
export type Chooses = (slot: number) => boolean

/**
 * Whoever a hash stands for may be somebody else: `isExact` false says that the record has to be looked at. Nothing of
 * somebody who is restricted is chosen, nor what is past its time.
 */
export function choosing(
  table: CallTable,
  filter: CallFilter,
  forgottenBeforeMs: number,
): { readonly chooses: Chooses; readonly isExact: boolean } {
  const { flags, heardAt } = table.columns
  const tests: Chooses[] = [...partTests(table, filter), ...factTests(table, filter)]
  const { session, visitor } = filter
  if (session !== null) tests.push(equal(table.columns.session, hashOf(session)))
  if (visitor !== null) tests.push(equal(table.columns.visitor, hashOf(visitor)))
  const mayBeShown: Chooses = slot =>
    ((flags[slot] as number) & flag.restricted) === 0 && (heardAt[slot] as number) > forgottenBeforeMs
  return {
    // Most are turned away by what was asked for.
    chooses: tests.length === 0 ? mayBeShown : slot => isAll(tests, slot) && mayBeShown(slot),
    isExact: session === null && visitor === null,
  }
}

/** As `every` says it, at a third of its price. */
function isAll(tests: readonly Chooses[], slot: number): boolean {
  for (const test of tests) if (!test(slot)) return false
  return true
}

const equal =
  (column: Int32Array, value: number): Chooses =>
  slot =>
    column[slot] === value

function partTests({ columns, sources }: CallTable, { parts }: CallFilter): Chooses[] {
  if (Object.keys(parts).length === 0) return []
  const having = sources.having(parts)
  // A call without a source has none of any value.
  const hasNone = Object.values(parts).every(value => value === '')
  return [
    slot => {
      const source = columns.source[slot] as number
      return source < 0 ? hasNone : having[source] === 1
    },
  ]
}

function factTests({ columns, numbers, carriers }: CallTable, filter: CallFilter): Chooses[] {
  const { kinds, outcomes, qualified, firstTime, b, carrier, minConfidence } = filter
  const tests: Chooses[] = []
  if (kinds !== null) tests.push(oneOf(columns.kind, matchKinds, kinds))
  if (outcomes !== null) tests.push(oneOf(columns.outcome, outcomeNames, outcomes))
  if (qualified !== null) tests.push(flagged(columns.flags, flag.qualified, qualified ? flag.qualified : 0))
  if (firstTime !== null) {
    const wanted = flag.firstTimeKnown | (firstTime ? flag.firstTime : 0)
    tests.push(flagged(columns.flags, flag.firstTimeKnown | flag.firstTime, wanted))
  }
  // A number or a carrier that nobody has is one that no call has.
  if (b !== null) tests.push(known(columns.b, numbers.find(b)))
  if (carrier !== null) tests.push(known(columns.carrier, carriers.find(carrier)))
  if (minConfidence !== null) tests.push(slot => (columns.confidence[slot] as number) >= minConfidence)
  return tests
}

const known =
  (column: Int32Array, id: number): Chooses =>
  slot =>
    id >= 0 && column[slot] === id

const flagged =
  (column: Uint8Array, mask: number, wanted: number): Chooses =>
  slot =>
    ((column[slot] as number) & mask) === wanted

function oneOf<Word>(column: Uint8Array, words: readonly Word[], wanted: readonly Word[]): Chooses {
  const isWanted = words.map(word => wanted.includes(word))
  return slot => isWanted[column[slot] as number] === true
}
