import type { Input } from './input.ts'
import type { CallRecord, Candidate, Match } from './outcome.ts'
import { type KeptCall, wholeCall } from './wholeCall.ts'

/**
 * What of a tenant's history is about whom. A pure model: whoever searches by index asks this too before anything is
 * handed out, so that a wrong index shows nobody another person's data.
 */

/** A kept event with the session that the core gave it. */
export type KeptEvent = { readonly clear: Input; readonly session: string | null }

/** Whose data is wanted. A phone number as it was entered chooses nobody: two people may have entered the same one. */
export type SubjectSet = {
  readonly visitors: ReadonlySet<string>
  /** Single sessions, where the rest of their visitor is not wanted. */
  readonly sessions: ReadonlySet<string>
  /** Pseudonyms of A. */
  readonly callers: ReadonlySet<string>
  /** Pseudonyms of what was entered in forms: they are looked up, and somebody decides who of those found is meant. */
  readonly entered: ReadonlySet<string>
}

/** `everyone`: the tenant itself, at the end of its contract. */
export type Audience = SubjectSet | 'everyone'

/** A subject that shares an entered pseudonym, and that nobody named. */
export type Undecided = { readonly entered: string; readonly subject: string }

export type Selection<Event> = {
  readonly events: readonly Event[]
  /** As these subjects may see them. */
  readonly calls: readonly SeenCall[]
  /** For the tenant's decision; never part of what a subject is given. */
  readonly undecided: readonly Undecided[]
}

/** Whose side of a call is shown: the caller's (A, C), the visitor's (session, source), or all of it. */
export type CallSide = 'whole' | 'caller' | 'visitor'

export type SeenCall = { readonly side: CallSide; readonly record: CallRecord }

/** The tracking number, time and length of a call are both sides'; this is what neither knows of the other. */
export function seenCall(kept: KeptCall, audience: Audience): SeenCall | null {
  const record = wholeCall(kept)
  if (audience === 'everyone') return { side: 'whole', record }
  const path = ownPath(record, audience)
  const isCallers = record.a !== null && audience.callers.has(record.a)
  const own = holdersOf(record.match).filter(holder => isOwnVisit(holder.visitor, holder.session, audience))
  if (isCallers && !concernsVisitors(record.match)) return { side: 'whole', record }
  if (!isCallers && own.length === 0) return null
  const match = own.length === 0 ? withoutVisit(record.match) : ownMatch(record.match, own)
  if (isCallers) return { side: own.length === 0 ? 'caller' : 'whole', record: { ...record, match, ...path } }
  return { side: 'visitor', record: withoutCaller({ ...record, match, ...path }) }
}

/** Whether an event of a visit is about these subjects. A signal is not asked here: its call is. */
export function isOwnEvent({ clear, session }: KeptEvent, audience: Audience): boolean {
  if (!('visitor' in clear)) return false
  return audience === 'everyone' || isOwnVisit(clear.visitor, session, audience)
}

export function isOwnVisit(visitor: string, session: string | null, subjects: SubjectSet): boolean {
  return subjects.visitors.has(visitor) || (session !== null && subjects.sessions.has(session))
}

/** One call of a tenant, whichever signal tells of it. */
export function callKey({ carrier, call }: { readonly carrier: string; readonly call: string }): string {
  return `${carrier}/${call}`
}

/** The signal of a call that an event carries, by its shape: corrections of a call are read like its signals. */
export function signalIn(clear: Input): (Pick<CallRecord, 'carrier' | 'call' | 'a'> & object) | null {
  return 'carrier' in clear && 'call' in clear && 'a' in clear ? clear : null
}

/** What of a tenant's history, in any order and with repeats, is about these subjects. */
export function selectHistory<Event extends KeptEvent>(
  events: readonly Event[],
  calls: readonly CallRecord[],
  audience: Audience,
): Selection<Event> {
  const records = new Map(calls.map(record => [callKey(record), record]))
  const seen = [...records.values()].flatMap(record => seenCall(record, audience) ?? [])
  const open = new Set(seen.filter(one => one.side !== 'visitor').map(({ record }) => callKey(record)))
  const isOwnSignal = (event: Event) => {
    const signal = signalIn(event.clear)
    if (signal === null) return false
    const key = callKey(signal)
    if (records.has(key)) return open.has(key)
    // A call whose record is gone belongs to its caller alone.
    return audience === 'everyone' || (signal.a !== null && audience.callers.has(signal.a))
  }
  return {
    events: events.filter(event => isOwnEvent(event, audience) || isOwnSignal(event)),
    calls: seen,
    undecided: audience === 'everyone' ? [] : undecidedOf(events, calls, audience),
  }
}

function holdersOf(match: Match): readonly Pick<Candidate, 'session' | 'visitor'>[] {
  const { session, visitor, candidates } = match
  return session === null || visitor === null ? candidates : [{ session, visitor }, ...candidates]
}

function concernsVisitors(match: Match): boolean {
  return match.session !== null || match.visitor !== null || match.candidates.length > 0
}

function withoutVisit(match: Match): Match {
  return { ...match, session: null, visitor: null, source: null, candidates: [], reasons: [] }
}

/** The match as far as it is about these holders: another candidate is another person. */
function ownMatch(match: Match, own: readonly Pick<Candidate, 'session' | 'visitor'>[]): Match {
  const sessions = new Set<string>(own.map(holder => holder.session))
  const candidates = match.candidates.filter(one => sessions.has(one.session))
  if (match.session !== null && sessions.has(match.session)) return { ...match, candidates }
  const confidence = Math.max(0, ...candidates.map(one => one.confidence)) as Match['confidence']
  return { ...withoutVisit(match), reasons: match.reasons, confidence, candidates }
}

type Path = Pick<CallRecord, 'shownMs' | 'touches' | 'history'>

/** What led to the call, where it is theirs. What the match had been may have been about somebody else. */
function ownPath({ match, shownMs, touches, history }: CallRecord, subjects: SubjectSet): Path {
  const { visitor, session } = match
  const isOwn = visitor !== null && isOwnVisit(visitor, session, subjects)
  return {
    shownMs: isOwn ? shownMs : null,
    touches: touches.filter(one => visitor !== null && isOwnVisit(visitor, one.session, subjects)),
    history: history.map(one => ({ ...one, match: null })),
  }
}

function withoutCaller(record: CallRecord): CallRecord {
  const reasons = record.match.reasons.filter(reason => !reason.includes('caller'))
  const nobodys = { a: null, c: null, firstTime: null, duplicateOf: null, heard: [], history: [] }
  return { ...record, ...nobodys, match: { ...record.match, reasons } }
}

/** Who entered one of these, or called from it, and was not named: one line for each. */
function undecidedOf(
  events: readonly KeptEvent[],
  calls: readonly CallRecord[],
  subjects: SubjectSet,
): Undecided[] {
  const found = new Map<string, Undecided>()
  const note = (entered: string, subject: string) => found.set(`${entered} ${subject}`, { entered, subject })
  for (const event of events) {
    if (isOwnEvent(event, subjects) || !('visitor' in event.clear)) continue
    for (const entered of contactsOf(event.clear))
      if (subjects.entered.has(entered)) note(entered, `v:${event.clear.visitor}`)
  }
  for (const { a } of calls)
    if (a !== null && subjects.entered.has(a) && !subjects.callers.has(a)) note(a, `c:${a}`)
  return [...found.keys()].sort().map(key => found.get(key) as Undecided)
}

/** The pseudonyms of what was entered; logs written before there were any have none. */
export function contactsOf(clear: Input): readonly string[] {
  return clear.kind === 'engagement' && 'contacts' in clear
    ? ((clear.contacts as readonly string[] | undefined) ?? [])
    : []
}
