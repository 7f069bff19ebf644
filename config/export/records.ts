import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { ms, named, notes, orNull, other, share, strict, text, textOrNull, time } from './recordParts.ts'

/**
 * The shape of a record as a person, a controller or another system is given it. `personal` in a schema names the field
 * of core/privacy.ts that says why it is held. `personal: null` as a value: it was erased or never given, or is another
 * person's.
 */

const provenance = Type.Object(
  {
    source: Type.String(),
    medium: Type.String(),
    campaign: Type.Union([Type.String(), Type.Null()]),
    content: Type.Union([Type.String(), Type.Null()]),
    keyword: Type.Union([Type.String(), Type.Null()]),
  },
  { ...strict, description: 'What named each value: utm, click-id, referrer, static, import or default.' },
)

const source = Type.Object(
  {
    source: Type.String(),
    medium: Type.String(),
    campaign: Type.Union([Type.String(), Type.Null()]),
    content: Type.Union([Type.String(), Type.Null()]),
    keyword: Type.Union([Type.String(), Type.Null()]),
    channel: Type.Union([Type.String(), Type.Null()]),
    provenance: Type.Union([provenance, Type.Null()]),
  },
  { ...strict },
)

const sourceOrNull = (description: string, personal?: string) => orNull(source, notes(description, personal))

const common = {
  id: text('Stable: the same record has the same id in every export.'),
  session: textOrNull('The visit it belongs to.', 'session.session'),
  visitor: textOrNull('The browser it belongs to: a random id.', 'session.visitor'),
}

const device = {
  userAgent: textOrNull('Browser and device, as the browser names them.', 'session.userAgent'),
  ipAddress: textOrNull('The network address.', 'session.ipAddress'),
  ids: named('Ids that other services on the page had given the browser.', 'session.ids.*'),
  gpc: textOrNull('Whether the browser said Global Privacy Control: true, false or nothing.', 'session.gpc'),
  tcf: textOrNull('What the consent dialogue said, as a TC string.', 'session.tcf'),
  gpp: textOrNull('What the consent dialogue said, as a GPP string.', 'session.gpp'),
}
const consent = textOrNull('What was said about consent: granted, unknown or empty.', 'session.consent')

export const sessionRecord = Type.Object(
  {
    kind: Type.Literal('session'),
    ...common,
    at: time('When the visit began.', 'session.startedAt'),
    clear: Type.Object(
      {
        site: text('The key of the website.'),
        lastSignAt: time('The last sign of life that is known.', 'session.lastBeatAt'),
        consent,
      },
      strict,
    ),
    personal: orNull(
      Type.Object(
        {
          ...device,
          later: Type.Array(Type.Object({ at: time('From when on.'), ...device, consent }, strict), {
            description: 'What was different when the same visit said hello again.',
          }),
          other,
        },
        strict,
      ),
      { description: 'As it was when the visit began.' },
    ),
  },
  { ...strict, title: 'session', description: 'A visit to a website.' },
)

export const pageViewRecord = Type.Object(
  {
    kind: Type.Literal('page-view'),
    ...common,
    at: time('When the page was opened.', 'page-view.at'),
    clear: Type.Object(
      {
        site: text('The key of the website.'),
        tab: text('A random id of the browser’s tab.'),
        source: sourceOrNull('Where the visit came from, classified.', 'page-view.source'),
      },
      strict,
    ),
    personal: orNull(
      Type.Object(
        {
          url: textOrNull('The address of the page.', 'page-view.url'),
          referrer: textOrNull('The address of the page before it.', 'page-view.referrer'),
          searchPhrase: textOrNull(
            'What was typed into a search engine, where that says it.',
            'page-view.searchPhrase',
          ),
          title: textOrNull('The title of the page.', 'page-view.title'),
          name: textOrNull('The name of the page in the website’s own analytics.', 'page-view.name'),
          other,
        },
        strict,
      ),
      { description: 'What was read.' },
    ),
  },
  { ...strict, title: 'page-view', description: 'A page that was opened in a visit.' },
)

export const engagementRecord = Type.Object(
  {
    kind: Type.Literal('engagement'),
    ...common,
    at: time('When it happened.', 'engagement.at'),
    clear: Type.Object(
      {
        site: text('The key of the website.'),
        tab: text('A random id of the browser’s tab.'),
        action: Type.Union([Type.Literal('click'), Type.Literal('close'), Type.Literal('submit')], {
          description: 'What was done.',
          personal: 'engagement.action',
        }),
        number: textOrNull('The tracking number that was clicked.'),
        contacts: Type.Array(Type.String(), {
          description: 'Keyed pseudonyms of the phone numbers and e-mail addresses that were entered.',
          personal: 'engagement.contacts',
        }),
      },
      strict,
    ),
    personal: orNull(
      Type.Object(
        {
          element: textOrNull('What was used on the page.', 'engagement.element'),
          fields: named('What was entered, by the name of the field.', 'engagement.fields.*'),
          other,
        },
        strict,
      ),
      { description: 'What was entered.' },
    ),
  },
  { ...strict, title: 'engagement', description: 'A click, a closing or a form that was sent.' },
)

const match = Type.Object(
  {
    kind: text('By which rule the call was attributed.', 'call.match'),
    confidence: share('How sure that is, from 0 to 1.'),
    source: sourceOrNull('The advertising that the call is attributed to.', 'page-view.source'),
    candidates: Type.Array(
      Type.Object({ session: Type.String(), visitor: Type.String(), confidence: share('0 to 1.') }, strict),
      { description: 'Visits that it may have been.' },
    ),
    reasons: Type.Array(Type.String(), { description: 'The rules that were considered, in order.' }),
  },
  strict,
)

const touch = Type.Object(
  {
    at: time('When it was.', 'call.path'),
    session: text('The visit.', 'session.session'),
    source,
  },
  strict,
)

const revision = Type.Object(
  {
    revision: Type.Integer({ minimum: 1, description: 'Counted from 1; it replaces the one before.' }),
    at: time('When the record became so.', 'call.times'),
    because: text('What changed it: a signal of the call, an earlier call, a correction, an erasure.'),
    match: orNull(
      Type.Object(
        {
          kind: Type.String(),
          confidence: share('0 to 1.'),
          source: sourceOrNull('The advertising.', 'page-view.source'),
        },
        strict,
      ),
      { description: 'What the call was attributed to from then on; null: as before.' },
    ),
  },
  strict,
)

/** What records have had since they had paths; packages from before lack it. */
const later = {
  totalMs: Type.Optional(ms('How long it took, from the ring to the end.', 'call.times')),
  duplicateOf: Type.Optional(
    orNull(Type.Object({ carrier: Type.String(), call: Type.String() }, strict), {
      description: 'The call of the same caller to the same number, shortly before.',
    }),
  ),
  shownMs: Type.Optional(ms('For how long the number had been shown when it rang.', 'call.path')),
  touches: Type.Optional(
    Type.Array(touch, {
      description:
        'What had led the visitor to the website before, the latest last. How reports share the call among them is worked out from this list when it is asked, and kept nowhere.',
    }),
  ),
  history: Type.Optional(
    Type.Array(revision, { description: 'How the record came to be as it is, the latest change last.' }),
  ),
}

export const callRecord = Type.Object(
  {
    kind: Type.Literal('call'),
    ...common,
    at: time('When the phone rang.', 'call.times'),
    clear: Type.Object(
      {
        side: Type.Union([Type.Literal('whole'), Type.Literal('caller'), Type.Literal('visitor')], {
          description: 'Whose side is shown: what is another person’s is left out.',
        }),
        carrier: text('Who carried the call.'),
        call: text('The carrier’s id of the call.'),
        b: text('The number that was dialled.'),
        forward: textOrNull('The number that the carrier was told to put it through to.'),
        answeredAt: orNull(time('ISO 8601'), notes('When it was answered.', 'call.times')),
        endedAt: orNull(time('ISO 8601'), notes('When it ended.', 'call.times')),
        ringMs: ms('How long it rang.', 'call.times'),
        talkMs: ms('How long they talked.', 'call.times'),
        outcome: textOrNull('How it went.'),
        reason: textOrNull('Why it ended, in the carrier’s words mapped to ours.'),
        qualified: orNull(Type.Boolean(), { description: 'Whether they talked long enough to count.' }),
        firstTime: orNull(Type.Boolean(), { description: 'Whether this caller had not called before.' }),
        aPseudonym: textOrNull('Keyed pseudonym of the caller’s number.', 'call.aPseudonym'),
        cPseudonym: textOrNull('Keyed pseudonym of the number that was reached.', 'call.cPseudonym'),
        match: orNull(match, { description: 'What the call was attributed to, and why.' }),
        ...later,
      },
      strict,
    ),
    personal: orNull(
      Type.Object(
        {
          a: textOrNull('The caller’s number.', 'call.a'),
          c: textOrNull('The number that was reached.', 'call.c'),
          other,
        },
        strict,
      ),
      { description: 'The numbers of people.' },
    ),
  },
  { ...strict, title: 'call', description: 'A phone call to a tracking number.' },
)

/** Every kind of record, in the order in which they are told. */
export const recordSchemas = {
  session: sessionRecord,
  'page-view': pageViewRecord,
  engagement: engagementRecord,
  call: callRecord,
} as const

export type RecordKind = keyof typeof recordSchemas
export const recordKinds = Object.keys(recordSchemas) as readonly RecordKind[]

export type SessionRecord = Static<typeof sessionRecord>
export type PageViewRecord = Static<typeof pageViewRecord>
export type EngagementRecord = Static<typeof engagementRecord>
export type CallExport = Static<typeof callRecord>
export type OpenedRecord = SessionRecord | PageViewRecord | EngagementRecord | CallExport

const checks = {
  session: Compile(sessionRecord),
  'page-view': Compile(pageViewRecord),
  engagement: Compile(engagementRecord),
  call: Compile(callRecord),
}

/** Whether a value is a record of this kind, as its schema says. */
export function isRecordOf(kind: RecordKind, value: unknown): value is OpenedRecord {
  return checks[kind].Check(value)
}

const year9999 = 253_402_300_799_999

/** ISO 8601 in UTC. A carrier may have stated any time: the years are kept within four digits. */
export function isoTime(atMs: number): string {
  return new Date(Math.min(Math.max(0, atMs), year9999)).toISOString()
}
