import {
  type Audience,
  callKey,
  contactsOf,
  isOwnEvent,
  isOwnVisit,
  type KeptEvent,
  type SeenCall,
  selectHistory,
  signalIn,
} from '../../core/belongs.ts'
import type { Engagement, Hello, Page } from '../../core/input.ts'
import { wholeSource } from '../../core/source.ts'
import type { CallRecord } from '../../core/outcome.ts'
import { callExport, type CallFacts } from './calls.ts'
import {
  type EngagementRecord,
  isoTime,
  type OpenedRecord,
  type PageViewRecord,
  type SessionRecord,
} from './records.ts'
import { merged, restOf, textOf, textsOf } from './sealedValues.ts'

/** An event of the history, opened. `personal` null: there was nothing sealed with it, or its key is gone. */
export type OpenedEvent = KeptEvent & {
  readonly atMs: number
  readonly sequence: number
  readonly index: number
  readonly personal: Readonly<Record<string, unknown>> | null
}

/** What the core knows of a session beside its events: beats are not kept one by one. */
export type SessionFacts = {
  readonly session: string
  readonly visitor: string
  readonly site: string
  readonly startedAt: number
  readonly lastBeatAt: number
}

export type History = {
  readonly events: readonly OpenedEvent[]
  readonly calls: readonly CallRecord[]
  readonly sessions: readonly SessionFacts[]
}

/**
 * The records of a history as this audience may see them, each once, whatever the order of the history and however
 * often an event stands in it. Sessions come first, then page views, engagements and calls, each kind by time.
 */
export function recordsOf(history: History, audience: Audience): OpenedRecord[] {
  const { events, calls } = selectHistory(history.events, history.calls, audience)
  const facts = history.sessions.filter(
    one => audience === 'everyone' || isOwnVisit(one.visitor, one.session, audience),
  )
  const ordered = [...events].sort(byLog)
  const visits = ordered.filter(event => isOwnEvent(event, audience)) as VisitEvent[]
  const views = once(visits.flatMap(event => pageView(event) ?? []))
  const engagements = once(visits.flatMap(event => engagement(event) ?? []))
  return [...sessionsOf(visits, facts), ...views, ...engagements, ...callsOf(ordered, calls, audience)]
}

type VisitEvent = OpenedEvent & { readonly clear: Hello | Page | Engagement }

function byLog(one: OpenedEvent, other: OpenedEvent): number {
  return one.atMs - other.atMs || one.sequence - other.sequence || one.index - other.index
}

/** Of records with one id the first stays; where it is closed and a repeat of it is open, the repeat. */
function once<Row extends OpenedRecord>(rows: readonly Row[]): Row[] {
  const kept = new Map<string, Row>()
  for (const row of rows) {
    const known = kept.get(row.id)
    if (known === undefined) kept.set(row.id, row)
    else if (known.personal === null && row.personal !== null) kept.set(row.id, { ...row, at: known.at })
  }
  return [...kept.values()].sort(byTime)
}

function byTime(one: OpenedRecord, other: OpenedRecord): number {
  return compare(one.at, other.at) || compare(one.id, other.id)
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function idOf(kind: string, { clear, session }: VisitEvent, number: number): string {
  return `${kind}:${session ?? clear.visitor}/${clear.tab}/${number}`
}

function pageView(event: VisitEvent): PageViewRecord | null {
  const { clear, personal, session } = event
  if (clear.kind === 'engagement' || clear.page === null) return null
  return {
    kind: 'page-view',
    id: idOf('page-view', event, clear.page.id),
    at: isoTime(event.atMs),
    session,
    visitor: clear.visitor,
    clear: { site: clear.site, tab: clear.tab, source: wholeSource(clear.page.source) },
    personal:
      personal === null
        ? null
        : {
            url: textOf(personal.url),
            referrer: textOf(personal.referrer),
            searchPhrase: textOf(personal.searchPhrase),
            title: textOf(personal.title),
            name: textOf(personal.name),
            other: clear.kind === 'page' ? restOf(personal, pageNames) : {},
          },
  }
}

const pageNames = ['url', 'referrer', 'searchPhrase', 'title', 'name']
const helloNames = [...pageNames, 'ipAddress', 'address', 'userAgent', 'ids', 'consent', 'gpc', 'tcf', 'gpp']

function engagement(event: VisitEvent): EngagementRecord | null {
  const { clear, personal, session } = event
  if (clear.kind !== 'engagement') return null
  const { site, tab, action, number } = clear
  return {
    kind: 'engagement',
    id: idOf('engagement', event, clear.id),
    at: isoTime(event.atMs),
    session,
    visitor: clear.visitor,
    clear: { site, tab, action, number, contacts: [...contactsOf(clear)] },
    personal:
      personal === null
        ? null
        : {
            element: textOf(personal.element),
            fields: textsOf(personal.fields),
            other: restOf(personal, ['element', 'fields']),
          },
  }
}

function sessionsOf(visits: readonly VisitEvent[], facts: readonly SessionFacts[]): SessionRecord[] {
  const bySession = new Map<string, VisitEvent[]>()
  for (const event of visits) {
    if (event.session === null) continue
    const events = bySession.get(event.session)
    if (events === undefined) bySession.set(event.session, [event])
    else events.push(event)
  }
  const known = new Map(facts.map(one => [one.session, one]))
  const ids = new Set([...bySession.keys(), ...known.keys()])
  return [...ids].map(id => sessionRecord(id, bySession.get(id) ?? [], known.get(id))).sort(byTime)
}

function sessionRecord(
  session: string,
  events: readonly VisitEvent[],
  facts: SessionFacts | undefined,
): SessionRecord {
  const [first, last] = [events[0], events.at(-1)]
  const seen = events.filter(({ clear }) => clear.kind === 'hello').flatMap(arrival)
  const changed = seen.filter((one, index) => index === 0 || !isSameArrival(one, seen[index - 1]))
  const [start, ...later] = changed
  const began = Math.min(facts?.startedAt ?? Infinity, first?.atMs ?? Infinity)
  const seenLast = Math.max(facts?.lastBeatAt ?? 0, last?.atMs ?? 0)
  return {
    kind: 'session',
    id: `session:${session}`,
    at: isoTime(began),
    session,
    visitor: first?.clear.visitor ?? facts?.visitor ?? null,
    clear: {
      site: first?.clear.site ?? facts?.site ?? '',
      lastSignAt: isoTime(seenLast),
      consent: start?.consent ?? null,
    },
    personal:
      start === undefined
        ? null
        : { ...deviceOf(start), later: later.map(laterOf), other: merged(changed.map(otherOf)) },
  }
}

type Arrival = {
  readonly at: string
  readonly userAgent: string | null
  readonly ipAddress: string | null
  readonly ids: Record<string, string>
  readonly gpc: string | null
  readonly tcf: string | null
  readonly gpp: string | null
  readonly consent: string | null
  readonly other: Record<string, unknown>
}

/** What a hello says of the device and the person's choices; nothing where it is closed. */
function arrival({ atMs, personal }: VisitEvent): Arrival[] {
  if (personal === null) return []
  return [
    {
      at: isoTime(atMs),
      userAgent: textOf(personal.userAgent),
      // The first version sealed it as `address`.
      ipAddress: textOf(personal.ipAddress ?? personal.address),
      ids: textsOf(personal.ids),
      gpc: textOf(personal.gpc),
      tcf: textOf(personal.tcf),
      gpp: textOf(personal.gpp),
      consent: textOf(personal.consent),
      other: restOf(personal, helloNames),
    },
  ]
}

function isSameArrival(one: Arrival, other: Arrival | undefined): boolean {
  return JSON.stringify({ ...one, at: '' }) === JSON.stringify({ ...other, at: '' })
}

const deviceOf = ({ userAgent, ipAddress, ids, gpc, tcf, gpp }: Arrival) => ({
  ...{ userAgent, ipAddress, ids, gpc, tcf, gpp },
})
const laterOf = (one: Arrival) => ({ at: one.at, ...deviceOf(one), consent: one.consent })
const otherOf = ({ other }: Arrival) => other

function callsOf(
  ordered: readonly OpenedEvent[],
  calls: readonly SeenCall[],
  audience: Audience,
): OpenedRecord[] {
  const facts = new Map<string, CallFacts>()
  for (const seen of calls) facts.set(callKey(seen.record), { seen, signals: [] })
  for (const event of ordered) {
    const signal = signalIn(event.clear)
    if (signal === null) continue
    const key = callKey(signal)
    const known = facts.get(key)
    if (known === undefined) facts.set(key, { seen: null, signals: [event] })
    else known.signals.push(event)
  }
  return [...facts.values()].flatMap(one => callExport(one, audience) ?? []).sort(byTime)
}
