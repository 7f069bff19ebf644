import type { MatchOnTheWire } from '../../core/wire/signal.ts'
import { type Held, type Ledger, type NotedCall, type NotedEvent, sameMatch } from './ledger.ts'
import { type Consumed, endOf } from './results.ts'

/** Holds what is found after the crashes to what was acknowledged before them. Each gives its troubles as sentences. */

/** Numbers by visits that all live: one has it for itself, others only where they were told and no number was left. */
export function judgeNumbers(held: Iterable<Held>, lent: ReadonlyMap<string, number>): string[] {
  const troubles: string[] = []
  const holders = new Map<string, string>()
  const sharing = new Set<string>()
  for (const { session, number, kind } of held) {
    if (kind === 'shared') sharing.add(number)
    if (kind !== 'assigned') continue
    const holder = holders.get(number)
    if (holder !== undefined && holder !== session) troubles.push('a number is held by two sessions')
    holders.set(number, session)
  }
  for (const [prefix, count] of lent) {
    const shared = [...sharing].some(number => number.startsWith(prefix))
    const taken = [...holders.keys()].filter(number => number.startsWith(prefix)).length
    if (shared && taken < count) troubles.push(`a number is shared although ${count - taken} were free`)
  }
  return troubles
}

/** One row of what the stores keep of visits. */
export type KeptEvent = {
  readonly kind: string
  readonly tenant: string
  readonly visitor: string
  readonly session: string | null
  readonly tab: string
  readonly id: number
  readonly at: number
}

const nameOf = (event: Pick<KeptEvent, 'kind' | 'tenant' | 'visitor' | 'tab' | 'id'>) =>
  `${event.kind} ${event.id} of ${event.visitor}/${event.tab} at ${event.tenant}`

/**
 * Every acknowledged event is kept once, in its visitor's session, from a time before its acknowledgement: a later one
 * means that it was lost and only its repetition was kept. Nothing is kept that nobody did, and nothing twice.
 */
export function judgeEvents({ events, held }: Ledger, kept: readonly KeptEvent[]): string[] {
  const rows = new Map<string, KeptEvent[]>()
  for (const row of kept) rows.set(nameOf(row), [...(rows.get(nameOf(row)) ?? []), row])
  const doubled = [...rows].filter(([, of]) => of.length > 1).map(([name]) => `${name} is kept twice`)
  const known = new Set(events.map(nameOf))
  const invented = [...rows.keys()].filter(name => !known.has(name)).map(name => `${name} is kept, unsent`)
  return [
    ...doubled,
    ...invented,
    ...events.flatMap(event => judgeEvent(event, rows.get(nameOf(event)), held)),
  ]
}

function judgeEvent(
  event: NotedEvent,
  rows: readonly KeptEvent[] | undefined,
  held: Ledger['held'],
): string[] {
  const name = nameOf(event)
  if (event.acknowledgedAt === null) return []
  const [row] = rows ?? []
  if (row === undefined) return [`${name} was acknowledged and is lost`]
  if (row.session !== held.get(event.visitor)?.session) return [`${name} is kept in another session`]
  return row.at > event.acknowledgedAt ? [`${name} was lost and came back by its repetition`] : []
}

/** A call as the API tells it. */
export type KeptCall = {
  readonly match: MatchOnTheWire
  readonly answeredAt: string | null
  readonly endedAt: string | null
}

/** Every acknowledged call has its record: with what was answered, every state that was, and the right visit. */
export function judgeCalls({ calls }: Ledger, kept: ReadonlyMap<string, KeptCall | null>): string[] {
  return [...calls].flatMap(([call, noted]) => judgeCall(call, noted, kept.get(call) ?? null))
}

function judgeCall(call: string, noted: NotedCall, kept: KeptCall | null): string[] {
  if (kept === null) return [`${call} was acknowledged and is lost`]
  const troubles: string[] = []
  if (noted.match.kind !== 'deferred' && !sameMatch(noted.match, kept.match))
    troubles.push(`${call} was answered ${noted.match.kind} and is kept as ${kept.match.kind}`)
  if (noted.states.includes('answer') && kept.answeredAt === null)
    troubles.push(`${call} was answered, and its record does not know`)
  if (noted.states.includes('end') && kept.endedAt === null)
    troubles.push(`${call} ended, and its record does not know`)
  if (!isRight(noted.holder, kept.match))
    troubles.push(`${call} is kept as ${kept.match.kind} of a wrong visit`)
  return troubles
}

/** Whoever holds the number alone is named; where several do, the caller's visit is among them. */
function isRight(holder: Held | null, match: MatchOnTheWire): boolean {
  if (holder === null || holder.kind === 'fallback') return match.kind === 'none'
  if (match.kind === 'exact') return match.session === holder.session
  return match.kind === 'shared' && match.candidates.some(one => one.session === holder.session)
}

/** One result for every state that was acknowledged and every session that was left, with the visit of the record, and none taken for another. */
export function judgeResults(
  { calls, left }: Ledger,
  { taken, untaken, changed }: Consumed,
  kept: ReadonlyMap<string, KeptCall | null>,
): string[] {
  const names = new Set([...calls].flatMap(([call, { states }]) => states.map(state => `${call} ${state}`)))
  for (const session of left) names.add(endOf(session))
  const missing = [...names].filter(name => !taken.has(name)).map(name => `${name} has no result`)
  const doubled = [...taken]
    .filter(([, of]) => of.length > 1)
    .map(([name, of]) => `${name} has ${of.length} results`)
  const wrong = [...taken].flatMap(([name, of]) => {
    const match = kept.get(name.split(' ')[0] ?? '')?.match
    return match === undefined || of.every(one => namesSame(one, match))
      ? []
      : [`the result of ${name} names another visit than its record`]
  })
  return [
    ...missing,
    ...doubled,
    ...wrong,
    ...untaken.map(id => `result ${id} was taken for a repeat before it came`),
    ...changed.map(id => `result ${id} was repeated with another content`),
  ]
}

function namesSame(one: { kind: string; session: string | null }, match: MatchOnTheWire): boolean {
  return one.kind === match.kind && (match.kind !== 'exact' || one.session === match.session)
}
