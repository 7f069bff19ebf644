import { Type, type Static } from 'typebox'
import { limits } from '../limits.ts'

/** Call signals and their answers, as any telephony system may send them (`/v1/calls/generic/{tenant}`). */

const strict = { additionalProperties: false } as const
const number = Type.String({ maxLength: 64 })

export const callState = Type.Union([Type.Literal('ring'), Type.Literal('answer'), Type.Literal('end')])
export const endReason = Type.Union([
  Type.Literal('completed'),
  Type.Literal('busy'),
  Type.Literal('no-answer'),
  Type.Literal('failed'),
  Type.Literal('canceled'),
])

export const genericSignal = Type.Object(
  {
    call: Type.String({ minLength: 1, maxLength: limits.idCharsMax }),
    state: callState,
    /** The caller, or `withheld`. What is no number counts as withheld: a caller is never refused for it. */
    a: Type.Optional(Type.String()),
    b: number,
    c: Type.Optional(number),
    /** ISO 8601 with a zone. */
    at: Type.Optional(Type.String({ maxLength: 64 })),
    reason: Type.Optional(endReason),
  },
  strict,
)
export type GenericSignal = Static<typeof genericSignal>

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const share = Type.Number({ minimum: 0, maximum: 1 })

/** What named a value. `default`: nothing did, as where a visit is direct. */
const origin = Type.Union([
  Type.Literal('utm'),
  Type.Literal('click-id'),
  Type.Literal('referrer'),
  Type.Literal('static'),
  Type.Literal('import'),
  Type.Literal('default'),
])

/** Null where the value is; as a whole null where the source is older than what is known of it. */
const provenance = Type.Object(
  {
    source: origin,
    medium: origin,
    campaign: nullable(origin),
    content: nullable(origin),
    keyword: nullable(origin),
  },
  strict,
)

export const sourceShape = Type.Object(
  {
    source: Type.String(),
    medium: Type.String(),
    campaign: nullable(Type.String()),
    content: nullable(Type.String()),
    keyword: nullable(Type.String()),
    channel: nullable(Type.String()),
    provenance: nullable(provenance),
  },
  strict,
)

export const matchShape = Type.Object(
  {
    kind: Type.Union([
      Type.Literal('exact'),
      Type.Literal('tail'),
      Type.Literal('cooldown'),
      Type.Literal('shared'),
      Type.Literal('static'),
      Type.Literal('returning'),
      Type.Literal('none'),
      Type.Literal('deferred'),
    ]),
    confidence: share,
    session: nullable(Type.String()),
    visitor: nullable(Type.String()),
    source: nullable(sourceShape),
    candidates: Type.Array(
      Type.Object({ session: Type.String(), visitor: Type.String(), confidence: share }, strict),
    ),
    reasons: Type.Array(Type.String()),
  },
  strict,
)

export const signalAnswer = Type.Object(
  { call: Type.String(), match: matchShape, forward: nullable(Type.String()) },
  strict,
)
export type SignalAnswer = Static<typeof signalAnswer>
export type MatchOnTheWire = Static<typeof matchShape>

export const problemAnswer = Type.Object(
  { error: Type.Object({ code: Type.String(), message: Type.String() }, strict) },
  strict,
)
