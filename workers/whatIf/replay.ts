import { setImmediate as turn } from 'node:timers/promises'
import { differs } from '../../core/conclude.ts'
import type { CallRecord, Match } from '../../core/outcome.ts'
import type { TenantPolicy } from '../../core/policy.ts'
import type { Progress } from './progress.ts'
import type { Recorded } from './record.ts'
import { type Matches, runUnder } from './runUnder.ts'
import { paceFor, signsOf } from './signs.ts'
import { createTrace } from './trace.ts'

/** One call under two policies. */
export type Compared = {
  readonly carrier: string
  readonly call: string
  readonly rangAt: number
  /** What was answered, under the policy of then. */
  readonly recorded: Match
  /** What the policy in force now gives here: both are made with the same signs of life. */
  readonly before: Match
  readonly after: Match
  readonly visit: VisitChange
  /** Kind, visit and source were recorded so. Confidence heeds signs of life of which the record does not know when they came. */
  readonly isAsRecorded: boolean
}

/** Whom a call went to before, and goes to after. */
export const visitChanges = {
  same: 'the same visit',
  'same-visitor': 'another visit of the same visitor',
  other: 'a visit of somebody else',
  lost: 'a visit before, none after',
  found: 'none before, a visit after',
  none: 'none, before and after',
} as const
export type VisitChange = keyof typeof visitChanges

export type Replayed = {
  readonly calls: number
  /** Of which from before the policy was changed last, and how many of these were answered otherwise than the one in force would. */
  readonly earlier: { readonly calls: number; readonly others: number }
  /** Of the others what the policy in force gives is not what was recorded, by kind as recorded and as given. */
  readonly notAsRecorded: ReadonlyMap<string, number>
  /** Of those of them that are as recorded: how many have another confidence, and by how much at most, per mille. */
  readonly otherConfidence: OtherConfidence
  /** Signals of them are gone, or were never kept: they are in no figure. */
  readonly untold: number
  /** By kind before and after, divided by a space. */
  readonly kinds: ReadonlyMap<string, number>
  readonly visits: ReadonlyMap<VisitChange, number>
  /** Changed sources, before and after, most frequent first. */
  readonly sources: readonly { readonly before: string; readonly after: string; readonly calls: number }[]
  readonly differing: readonly Compared[]
  /** Of what visitors did, so much is refused under the other policy: it has not their site, say. */
  readonly refused: number
}

type OtherConfidence = { readonly calls: number; readonly mostOff: number }

/** The record under another policy, call by call beside what was. */
export async function replay(
  recorded: Recorded,
  { policy, version }: { readonly policy: TenantPolicy; readonly version: string },
  progress: Progress,
): Promise<Replayed> {
  const pools = [...recorded.policy.pools, ...policy.pools]
  const everyMs = paceFor(pools.map(({ idleTimeoutMs }) => idleTimeoutMs))
  const fromMs = recorded.events[0]?.atMs ?? recorded.fromMs
  progress.begin('finding signs of life')
  const signs = signsOf(recorded.sessions.values(), { fromMs, toMs: recorded.toMs, everyMs })
  const running = { recorded, signs, trace: createTrace(recorded), progress: progress.at }
  progress.begin('replaying under the policy in force')
  await turn()
  const inForce = runUnder({ ...running, policy: recorded.policy, asRecorded: true })
  if (version === recorded.policyVersion) return compare(recorded, inForce.matches, inForce)
  progress.begin('replaying under the other policy')
  await turn()
  return compare(recorded, inForce.matches, runUnder({ ...running, policy }))
}

type Given = { readonly matches: Matches; readonly refused: number }

function compare(recorded: Recorded, inForce: Matches, { matches, refused }: Given): Replayed {
  const notAsRecorded = new Map<string, number>()
  const kinds = new Map<string, number>()
  const visits = new Map<VisitChange, number>()
  const sources = new Map<string, number>()
  const differing: Compared[] = []
  const changedAt = recorded.policyChanges.at(-1) ?? 0
  const earlier = { calls: 0, others: 0 }
  let [calls, untold] = [0, 0]
  let otherConfidence: OtherConfidence = { calls: 0, mostOff: 0 }
  for (const [key, record] of recorded.calls) {
    if (record.rangAt < recorded.fromMs) continue
    const [given, after] = [inForce.get(key), matches.get(key)]
    if (given === undefined || after === undefined) {
      untold += 1
      continue
    }
    calls += 1
    const one = comparedOf(record, given, after)
    if (record.rangAt < changedAt) {
      earlier.calls += 1
      earlier.others += one.isAsRecorded ? 0 : 1
    } else if (one.isAsRecorded) otherConfidence = withConfidence(otherConfidence, record.match, given)
    else add(notAsRecorded, `${record.match.kind} ${given.kind}`)
    add(kinds, `${one.before.kind} ${after.kind}`)
    add(visits, one.visit)
    const [from, to] = [sourceText(one.before), sourceText(after)]
    if (from !== to) add(sources, JSON.stringify([from, to]))
    if (differs(one.before, after)) differing.push(one)
  }
  differing.sort((one, other) => one.rangAt - other.rangAt)
  const found = { calls, earlier, notAsRecorded, otherConfidence, untold, kinds, visits, differing, refused }
  return { ...found, sources: sortedOf(sources) }
}

function comparedOf({ carrier, call, rangAt, match }: CallRecord, given: Match, after: Match): Compared {
  const isAsRecorded = !differs({ ...match, confidence: given.confidence }, given)
  const visit = visitChange(given, after)
  return { carrier, call, rangAt, recorded: match, before: given, after, visit, isAsRecorded }
}

function withConfidence({ calls, mostOff }: OtherConfidence, recorded: Match, given: Match): OtherConfidence {
  const off = Math.abs(recorded.confidence - given.confidence)
  return { calls: calls + (off === 0 ? 0 : 1), mostOff: Math.max(mostOff, off) }
}

function visitChange(before: Match, after: Match): VisitChange {
  if (before.session === null) return after.session === null ? 'none' : 'found'
  if (after.session === null) return 'lost'
  if (before.session === after.session) return 'same'
  return before.visitor === after.visitor ? 'same-visitor' : 'other'
}

/** Source, medium and campaign, as reports group by them. */
export function sourceText({ source }: Match): string {
  if (source === null) return '(unknown)'
  return [source.source, source.medium, source.campaign].filter(part => part !== null).join(' / ')
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function sortedOf(sources: ReadonlyMap<string, number>): Replayed['sources'] {
  return [...sources]
    .sort(([one, many], [other, few]) => few - many || (one < other ? -1 : 1))
    .map(([key, calls]) => {
      const [before, after] = JSON.parse(key) as [string, string]
      return { before, after, calls }
    })
}
