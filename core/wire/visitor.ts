import { Type, type Static } from 'typebox'
import { limits } from '../limits.ts'
import { idForm } from '../subjectNames.ts'

/** What browsers and the gateway say to each other (`WS /v1/visit`, `POST /v1/visit`): JSON, one object per frame. */

const strict = { additionalProperties: false } as const
const text = (max: number) => Type.String({ maxLength: max })
const shortText = text(limits.textCharsMax)
const url = text(limits.urlCharsMax)
const eventId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
/** 16 random bytes, base64url. */
export const randomId = Type.String({ pattern: idForm })
const optionalId = Type.Union([randomId, Type.Literal('')])
const configId = text(limits.idCharsMax)
/** ISO 3166, or nothing. */
const country = Type.String({ pattern: '^([A-Za-z]{2})?$', maxLength: 2 })

export const consent = Type.Union([
  Type.Literal('granted'),
  Type.Literal('denied'),
  Type.Literal('unknown'),
  Type.Literal(''),
])

/** What the browser, or the page's consent dialogue, says beside the page's own word. */
const signals = Type.Object(
  {
    /** Global Privacy Control. */
    gpc: Type.Optional(Type.Boolean()),
    /** A TC string of IAB Europe's framework. */
    tcf: Type.Optional(text(limits.consentStringCharsMax)),
    /** A string of IAB's Global Privacy Platform; kept, and not read. */
    gpp: Type.Optional(text(limits.consentStringCharsMax)),
  },
  strict,
)

export const helloPage = Type.Object(
  {
    id: Type.Optional(eventId),
    url,
    referrer: Type.Optional(url),
    title: Type.Optional(shortText),
    name: Type.Optional(shortText),
  },
  strict,
)

export const helloFrame = Type.Object(
  {
    type: Type.Literal('hello'),
    page: helloPage,
    visitor: Type.Optional(optionalId),
    session: Type.Optional(text(limits.idCharsMax)),
    tab: Type.Optional(optionalId),
    consent: Type.Optional(consent),
    signals: Type.Optional(signals),
    ids: Type.Optional(
      Type.Record(Type.String({ maxLength: 64 }), shortText, { maxProperties: limits.idsPerHelloMax }),
    ),
    targets: Type.Optional(Type.Array(configId, { maxItems: limits.targetsPerHelloMax })),
    /** Whose numbers the page would like to show, where the tenant has pools of several countries. */
    country: Type.Optional(country),
  },
  strict,
)

export const pageFrame = Type.Object(
  {
    type: Type.Literal('page'),
    id: eventId,
    url,
    referrer: Type.Optional(url),
    title: Type.Optional(shortText),
    name: Type.Optional(shortText),
  },
  strict,
)

export const engagementFrame = Type.Object(
  {
    type: Type.Literal('engagement'),
    id: eventId,
    action: Type.Union([Type.Literal('click'), Type.Literal('close'), Type.Literal('submit')]),
    element: Type.Optional(shortText),
    number: Type.Optional(text(64)),
    fields: Type.Optional(
      Type.Record(Type.String({ maxLength: 64 }), shortText, {
        maxProperties: limits.fieldsPerEngagementMax,
      }),
    ),
  },
  strict,
)

export const beatFrame = Type.Object({ type: Type.Literal('beat') }, strict)
export const byeFrame = Type.Object({ type: Type.Literal('bye') }, strict)

/** The closed list of client frames, by `type`. */
export const clientFrames = {
  hello: helloFrame,
  page: pageFrame,
  engagement: engagementFrame,
  beat: beatFrame,
  bye: byeFrame,
} as const

export type HelloFrame = Static<typeof helloFrame>
export type PageFrame = Static<typeof pageFrame>
export type EngagementFrame = Static<typeof engagementFrame>
export type ClientFrame =
  | HelloFrame
  | PageFrame
  | EngagementFrame
  | Static<typeof beatFrame>
  | Static<typeof byeFrame>

export const shownNumber = Type.Object(
  {
    target: Type.String(),
    /** The number to look for on the page, E.164. */
    replace: Type.String(),
    /** The number to show, E.164, and as people write it. */
    e164: Type.String(),
    display: Type.String(),
    kind: Type.Union([
      Type.Literal('assigned'),
      Type.Literal('shared'),
      Type.Literal('static'),
      Type.Literal('fallback'),
    ]),
  },
  strict,
)

export const welcomeFrame = Type.Object(
  {
    type: Type.Literal('welcome'),
    visitor: Type.Union([randomId, Type.Null()]),
    session: Type.Union([randomId, Type.Null()]),
    resumed: Type.Boolean(),
    heartbeatMs: Type.Integer({ minimum: 1 }),
    numbers: Type.Array(shownNumber),
    /** The page keeps no id of this visitor any more. */
    forget: Type.Optional(Type.Boolean()),
  },
  strict,
)

export const numbersFrame = Type.Object(
  { type: Type.Literal('numbers'), numbers: Type.Array(shownNumber) },
  strict,
)
export const ackFrame = Type.Object({ type: Type.Literal('ack'), id: eventId }, strict)
export const errorFrame = Type.Object(
  { type: Type.Literal('error'), code: Type.String(), message: Type.String(), id: Type.Optional(eventId) },
  strict,
)

export const serverFrames = {
  welcome: welcomeFrame,
  numbers: numbersFrame,
  ack: ackFrame,
  error: errorFrame,
} as const

export type ShownNumber = Static<typeof shownNumber>
export type ServerFrame =
  | Static<typeof welcomeFrame>
  | Static<typeof numbersFrame>
  | Static<typeof ackFrame>
  | Static<typeof errorFrame>
