import { randomBytes } from 'node:crypto'
import { displayNumber, parsePhoneNumber } from '../config/phoneNumbers.ts'
import type { Input, PageView } from '../core/input.ts'
import type { Segments } from '../core/policy.ts'
import { visitorName } from '../core/subjectNames.ts'
import type { Personal } from '../core/privacy.ts'
import { classify } from '../core/sources.ts'
import type { LogEvent } from '../core/wire/log.ts'
import { type Note, noteForm } from '../core/wire/note.ts'
import type { LentNumber, VisitReply } from '../core/wire/reply.ts'
import type {
  EngagementFrame,
  HelloFrame,
  PageFrame,
  ServerFrame,
  ShownNumber,
} from '../core/wire/visitor.ts'
import type { PhoneNumber, SessionId, VisitorId } from '../core/words.ts'
import type { Automated } from './automated.ts'
import { signalsOf } from './consent.ts'
import type { Rights } from './rights.ts'
import { segmentsOf } from './segments.ts'
import type { OutgoingEvent, Sealer } from './seal.ts'
import type { Site } from './tenants.ts'

/** One visit as the gateway that holds its socket knows it: nothing here has to survive. */
export type Visit = {
  readonly site: Site
  readonly address: string
  readonly userAgent: string
  /** The browser said Global Privacy Control when it came. */
  readonly hasGpc: boolean
  /** Nobody looks at the page: it is shown what everybody sees, and no session is opened. */
  readonly automated: Automated | null
  hello: HelloFrame | null
  /** Counts the hellos: what is answered to an earlier one says nothing about the visit any more. */
  era: number
  /** The era whose welcome was said: what changes after it is said as numbers. */
  welcomed: number
  /** Who said no, until the log has it: a no that was not taken can be said again. */
  refusedAs: VisitorId | null
  /** Who last said no here: the pages that this person has open elsewhere hear of it, this one knows. */
  saidNoAs: VisitorId | null
  /** Nothing of this visitor is taken in: a restriction or an objection is in force. */
  isClosed: boolean
  visitor: VisitorId | null
  session: SessionId | null
  /** What the next event would open; the same until it is told which session the visit has. */
  freshSession: SessionId
  tab: string
  /** The page that is open: what a session begins with that is opened without the page saying so. */
  page: PageView | null
  /** Which segments the page that is open is of: what counts is those of the page with which a session opens. */
  segments: Segments
}

/** 16 random bytes, base64url. */
export const randomId = (): string => randomBytes(16).toString('base64url')

/** Who is let in, and what the request told. */
export type Guest = Pick<Visit, 'site' | 'address' | 'userAgent' | 'hasGpc' | 'automated'>

export function createVisit(guest: Guest): Visit {
  return {
    ...guest,
    hello: null,
    era: 0,
    welcomed: -1,
    refusedAs: null,
    saidNoAs: null,
    isClosed: false,
    visitor: null,
    session: null,
    freshSession: randomId() as SessionId,
    tab: randomId(),
    page: null,
    segments: {},
  }
}

/** Whether nothing new of who says this hello is taken in. Without an id it is whoever the socket belonged to. */
export function isClosed(rights: Pick<Rights, 'isClosed'>, visit: Visit, frame: HelloFrame): boolean {
  const visitor = frame.visitor || visit.visitor
  return visitor === null || visitor === undefined
    ? visit.isClosed
    : rights.isClosed(visit.site.tenant.id, visitor)
}

/** The visit has this session, or none. What it may open later has an id of its own: a session opens once. */
export function settle(visit: Visit, session: SessionId | null): void {
  visit.session = session
  visit.freshSession = randomId() as SessionId
}

type Common = Pick<
  Extract<Input, { kind: 'hello' }>,
  'tenant' | 'site' | 'visitor' | 'freshSession' | 'tab' | 'targets' | 'segments'
>

function common(visit: Visit): Common {
  return {
    tenant: visit.site.tenant.id,
    site: visit.site.key,
    visitor: visit.visitor ?? (randomId() as VisitorId),
    freshSession: visit.freshSession,
    tab: visit.tab,
    targets: targetsOf(visit),
    ...(Object.keys(visit.segments).length > 0 && { segments: visit.segments }),
  }
}

/** The targets a page asks for, within those that its site may ask for. */
function targetsOf(visit: Visit): readonly string[] | null {
  const allowed = visit.site.tenant.policy.sites.find(site => site.key === visit.site.key)?.targets ?? []
  const asked = visit.hello?.targets
  return asked === undefined ? allowed : asked.filter(target => allowed.includes(target))
}

/** Takes a hello into the visit and makes its log event. The ids are made here if the page has none. */
export function helloEvent(visit: Visit, frame: HelloFrame, sealer: Sealer): OutgoingEvent {
  visit.hello = frame
  if (frame.visitor) visit.visitor = frame.visitor as VisitorId
  visit.visitor ??= randomId() as VisitorId
  if (frame.tab) visit.tab = frame.tab
  const { page, phrase } = classified(visit, frame.page, 1)
  openPage(visit, frame.page, page)
  const clear: Input = { kind: 'hello', ...common(visit), page: visit.page }
  return sealer.event(visit.site.tenant.policy, clear, {
    ipAddress: visit.address,
    userAgent: visit.userAgent,
    ids: frame.ids ?? {},
    consent: frame.consent || 'unknown',
    ...signalsOf(visit, frame),
    ...pagePersonal(frame.page, phrase),
  })
}

/**
 * The same visit says hello again on its own behalf: its session was over. The next one begins with the page that is
 * still open, so that a call in it has a source.
 */
export function againEvent(visit: Visit): LogEvent {
  return { clear: { kind: 'hello', ...common(visit), page: visit.page }, personal: null }
}

/**
 * What the log is told of a no, in this order; nothing where nobody is known whose session it could end. The personal part
 * goes too, unless the tenant keeps it, or the data is restricted: then it is stored because somebody asked for that.
 */
export function withdrawnEvents(
  visit: Visit,
  { sealer, rights }: { readonly sealer: Pick<Sealer, 'reference'>; readonly rights: Rights },
): LogEvent[] {
  const visitor = visit.refusedAs
  if (visitor === null) return []
  const { tenant, key: site } = visit.site
  const { id } = tenant
  const clear = { kind: 'consent-withdrawn', tenant: id, site, visitor } as const
  const request = randomId()
  const note: Note = {
    form: noteForm,
    ...{ action: 'consent-withdrawn', actor: 'system', role: 'system', purpose: null, request },
    ...{ subjects: [sealer.reference(id, visitorName(visitor))], counts: {}, detail: {} },
  }
  const isKept = tenant.policy.onWithdrawal === 'keep' || rights.isClosed(id, visitor)
  if (isKept) return [{ clear, personal: null, note }]
  const erased: Input = { kind: 'subject-erased', tenant: id, request, visitors: [visitor], callers: [] }
  return [
    { clear, personal: null },
    { clear: erased, personal: null, note },
  ]
}

export function pageEvent(visit: Visit, frame: PageFrame, sealer: Sealer): OutgoingEvent {
  const session = visit.session ?? visit.freshSession
  const { page, phrase } = classified(visit, frame, frame.id)
  openPage(visit, frame, page)
  const clear: Input = { kind: 'page', ...common(visit), session, page }
  return sealer.event(visit.site.tenant.policy, clear, pagePersonal(frame, phrase))
}

export function engagementEvent(visit: Visit, frame: EngagementFrame, sealer: Sealer): OutgoingEvent {
  const session = visit.session ?? visit.freshSession
  const number = frame.number === undefined ? null : parsePhoneNumber(frame.number)
  const { id, action, element = null, fields = {} } = frame
  const { policy } = visit.site.tenant
  const entered = sealer.contacts(policy, fields)
  const contacts = entered.length === 0 ? {} : { contacts: entered }
  const clear: Input = { kind: 'engagement', ...common(visit), session, id, action, number, ...contacts }
  return sealer.event(policy, clear, { element, fields })
}

type PagePart = {
  readonly id?: number
  readonly url: string
  readonly referrer?: string
  readonly title?: string
  readonly name?: string
}

type Seen = { readonly page: PageView; readonly phrase: Personal | null }

/** Classified before anything is sealed; what was typed into a search engine goes into the sealed part alone. */
function classified({ site }: Visit, { id, url, referrer = '' }: PagePart, fallback: number): Seen {
  const { source, searchPhrase } = classify({ url, referrer }, site.view)
  return { page: { id: id ?? fallback, source }, phrase: searchPhrase }
}

/** What the rules of segments say is said now: the page's address is sealed afterwards. */
function openPage(visit: Visit, { url }: PagePart, page: PageView): void {
  const { source } = page
  visit.page = page
  visit.segments = segmentsOf(visit.site.tenant.policy.targets, {
    ...{ source, url, country: visit.hello?.country ?? '' },
  })
}

function pagePersonal(page: PagePart, phrase: Personal | null): Record<string, unknown> {
  return {
    url: page.url,
    referrer: page.referrer ?? null,
    ...(phrase === null ? {} : { searchPhrase: phrase }),
    title: page.title ?? null,
    name: page.name ?? null,
  }
}

/** What the page is told of its numbers: which to look for, and what to show instead. */
export function shown(site: Site, lent: readonly LentNumber[]): ShownNumber[] {
  const frames: ShownNumber[] = []
  for (const { target, number, kind } of lent) {
    const policy = site.tenant.policy.targets.find(one => one.id === target)
    if (policy === undefined) continue
    const show: PhoneNumber = number ?? policy.replace
    frames.push({ target, replace: policy.replace, e164: show, display: displayNumber(show), kind })
  }
  return frames
}

export function welcome(visit: Visit, reply: VisitReply): ServerFrame {
  return {
    type: 'welcome',
    visitor: reply.visitor,
    session: reply.session,
    resumed: reply.resumed,
    heartbeatMs: visit.site.heartbeatMs,
    numbers: shown(visit.site, reply.numbers),
  }
}

/** The welcome of a visit that may not be followed: no id, and the static number or the page's own. */
export function anonymousWelcome(visit: Visit, forget = false): ServerFrame {
  const wanted = targetsOf(visit) ?? []
  const lent = visit.site.tenant.policy.targets
    .filter(target => wanted.includes(target.id))
    .map(
      (target): LentNumber => ({
        target: target.id,
        number: target.static,
        kind: target.static === null ? 'fallback' : 'static',
      }),
    )
  const { heartbeatMs } = visit.site
  return {
    type: 'welcome',
    visitor: null,
    session: null,
    resumed: false,
    heartbeatMs,
    numbers: shown(visit.site, lent),
    ...(forget ? { forget } : {}),
  }
}
