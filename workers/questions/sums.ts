import { type FinalOutcome, finalOutcomes, outcomeNames } from '../../core/callOutcomes.ts'
import { type Columns, flag } from './columns.ts'
import { none } from './interned.ts'
import type { ReportRow } from './reportRow.ts'

/** What a report says of a group. */
export type Summed = Omit<ReportRow, 'group' | 'dayMs'>
export type Sums = ReturnType<typeof createSums>

// What is added up of a group lies together: these, then how often each outcome came.
const [calls, credit, qualified, firstTime, talkMs, expectedRight, outcomes] = [0, 1, 2, 3, 4, 5, 6] as const
const wide = 16
const finals = finalOutcomes.map(name => [name, outcomes + outcomeNames.indexOf(name)] as const)

/** Sums of so many groups, which have numbers: outside of the heap, for there may be as many as calls. */
export function createSums(columns: Columns, groups: number) {
  const values = new Float64Array(groups * wide)
  const sources = new Int32Array(groups)
  const lastCalls = new Int32Array(groups)
  const turns = new Int32Array(groups)
  let taken: number[] = []
  let turn = 1
  const begin = (group: number, source: number): void => {
    if (turns[group] !== 0) values.fill(0, group * wide, (group + 1) * wide)
    turns[group] = turn
    sources[group] = source
    lastCalls[group] = none
    taken.push(group)
  }
  return {
    /** Adds a share of a call to a group. */
    add: (group: number, source: number, slot: number, share: number): void => {
      if (turns[group] !== turn) begin(group, source)
      const at = group * wide
      // Of several touches of one call in the same group each brings its share, and the call counts once.
      if (lastCalls[group] !== slot) more(values, at + calls, 1)
      lastCalls[group] = slot
      more(values, at + credit, share)
      const flags = columns.flags[slot] as number
      if ((flags & flag.qualified) !== 0) more(values, at + qualified, share)
      if ((flags & flag.firstTime) !== 0) more(values, at + firstTime, share)
      const talkedMs = columns.talkMs[slot] as number
      if (talkedMs > 0) more(values, at + talkMs, talkedMs * share)
      more(values, at + expectedRight, ((columns.confidence[slot] as number) / 1_000) * share)
      more(values, at + outcomes + (columns.outcome[slot] as number), share)
    },
    /** Groups to which something was added since the last time. What they have holds until more is added. */
    take: (): number[] => {
      const all = taken
      taken = []
      turn += 1
      return all
    },
    creditOf: (group: number): number => values[group * wide + credit] as number,
    sourceOf: (group: number): number => sources[group] as number,
    of: (group: number): Summed => {
      const at = (field: number) => values[group * wide + field] as number
      const rounded = (field: number) => Math.round(at(field) * 1e3) / 1e3
      const byOutcome = Object.fromEntries(finals.map(([name, field]) => [name, rounded(field)]))
      return {
        ...{ calls: at(calls), credit: rounded(credit), qualified: rounded(qualified) },
        ...(byOutcome as Pick<Summed, FinalOutcome>),
        ...{ firstTime: rounded(firstTime), talkMs: Math.round(at(talkMs)) },
        expectedRight: rounded(expectedRight),
      }
    },
  }
}

function more(values: Float64Array, at: number, by: number): void {
  values[at] = (values[at] as number) + by
}
