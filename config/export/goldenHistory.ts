import type { Audience } from '../../core/belongs.ts'
import type { Input } from '../../core/input.ts'
import type { CallRecord } from '../../core/outcome.ts'
import type { History, OpenedEvent } from './assemble.ts'

/** One person's two visits and calls, told by hand: what the recorded package is made from. */

const began = Date.UTC(2026, 10, 3, 9, 12, 5)
const visitor = 'vAnna00000000000000000'
const [first, second] = ['sAnna10000000000000000', 'sAnna20000000000000000']
const caller = 'pAnna00000000000000000'

export const annasSubjects: Audience = {
  visitors: new Set([visitor]),
  sessions: new Set(),
  callers: new Set([caller]),
  entered: new Set(),
}

type Said = Omit<OpenedEvent, 'clear' | 'index'> & { readonly clear: Record<string, unknown> }

function event({ clear, ...rest }: Said): OpenedEvent {
  return { ...rest, index: 0, clear: clear as unknown as Input }
}

const common = (session: string, tab: string) => ({
  ...{ tenant: 'acme', site: 'acme-shop', visitor, freshSession: session, session, tab, targets: null },
})

/** As entries had it before channels were named. */
const search = { source: 'google', medium: 'organic', campaign: null, content: null, keyword: null }
const advert = {
  source: 'google',
  medium: 'cpc',
  campaign: 'windows',
  content: null,
  keyword: 'triple glazing',
  channel: 'Paid Search',
  provenance: {
    ...{ source: 'click-id', medium: 'click-id', campaign: 'utm', content: null, keyword: 'utm' },
  },
} as const
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'

const page = (url: string, title: string, referrer: string | null = null) => ({
  url,
  referrer,
  title,
  name: null,
})

const visits: readonly Said[] = [
  {
    ...{ atMs: began, sequence: 11, session: first },
    clear: { kind: 'hello', ...common(first, 'tab1'), page: { id: 1, source: search } },
    personal: {
      ...page('https://acme.example/', 'Acme – windows and doors', 'https://www.google.com/'),
      searchPhrase: 'new windows',
      ...{ ipAddress: '192.0.2.44', userAgent: firefox, ids: { ga: 'GA1.2.77' }, consent: 'granted' },
    },
  },
  {
    ...{ atMs: began + 42_000, sequence: 12, session: first },
    clear: { kind: 'page', ...common(first, 'tab1'), page: { id: 2, source: search } },
    personal: page('https://acme.example/windows?size=120x140', 'Windows', 'https://acme.example/'),
  },
  {
    ...{ atMs: began + 90_000, sequence: 13, session: first },
    clear: {
      kind: 'engagement',
      ...common(first, 'tab1'),
      id: 3,
      action: 'submit',
      number: null,
      contacts: [caller],
    },
    personal: {
      element: '#call-me-back',
      fields: { name: 'Anna Andersen', phone: '+4520304050', note: '=please call, "mornings" <best>' },
    },
  },
  {
    ...{ atMs: began + 86_400_000, sequence: 31, session: second },
    clear: { kind: 'hello', ...common(second, 'tab2'), page: { id: 1, source: advert } },
    personal: {
      ...page('https://acme.example/offer', 'This week’s offer'),
      ...{ ipAddress: '2001:db8::7', userAgent: firefox, ids: {}, consent: 'granted' },
    },
  },
  {
    ...{ atMs: began + 86_460_000, sequence: 32, session: second },
    clear: { kind: 'engagement', ...common(second, 'tab2'), id: 2, action: 'click', number: '+4570101010' },
    personal: { element: 'a.phone', fields: {} },
  },
]

const rangAt = began + 86_470_000

const signal: Said = {
  ...{ atMs: rangAt, sequence: 33, session: null },
  clear: {
    ...{ kind: 'signal', tenant: 'acme', carrier: 'generic', call: 'call-1', state: 'ring', a: caller },
    ...{ b: '+4570101010', c: 'pShop00000000000000000', statedAt: rangAt, takenAt: rangAt },
    ...{ spooled: false, reason: null },
  },
  personal: { a: '+4520304050', c: '+4533101010' },
}

const call = {
  ...{ carrier: 'generic', call: 'call-1', a: caller, b: '+4570101010', c: 'pShop00000000000000000', rangAt },
  ...{ answeredAt: rangAt + 6_000, endedAt: rangAt + 129_000, ringMs: 6_000, talkMs: 123_000 },
  ...{ outcome: 'answered', reason: 'completed', qualified: true, firstTime: true, forward: '+4533101010' },
  ...{ totalMs: 129_000, duplicateOf: null, shownMs: 70_000 },
  touches: [
    { at: began, session: first, source: advert },
    { at: began + 86_400_000, session: second, source: advert },
  ],
  history: [
    { revision: 1, at: rangAt, because: 'ring', match: { kind: 'exact', confidence: 985, source: advert } },
    { revision: 2, at: rangAt + 6_000, because: 'answer', match: null },
    { revision: 3, at: rangAt + 129_000, because: 'end', match: null },
  ],
  heard: [],
  match: {
    ...{
      kind: 'exact',
      confidence: 985,
      session: second,
      visitor,
      source: advert,
      reasons: ['exact:one-holder'],
    },
    candidates: [{ session: second, visitor, confidence: 985 }],
  },
}

export const annasHistory: History = {
  events: [...visits, signal].map(event),
  calls: [call as unknown as CallRecord],
  sessions: [],
}
