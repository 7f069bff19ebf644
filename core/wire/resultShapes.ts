import { type Static, type TSchema, Type } from 'typebox'
import { outcomeNames } from '../callOutcomes.ts'
import type { MatchKind, RevisedBecause } from '../outcome.ts'
import type { Source } from '../policy.ts'
import { type ProblemCode, problems } from '../problems.ts'
import type { LogTime, PerMille, PhoneNumber, Pseudonym, SessionId, VisitorId } from '../words.ts'
import type { ResultMessage } from './result.ts'
import { callState, endReason, matchShape, sourceShape } from './signal.ts'

/**
 * The messages of stream RESULTS, for whoever reads it without our code. The compiler holds them to the type by which they
 * are written (`result.ts`), and a test to what is written.
 */
const strict = { additionalProperties: false } as const
const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
const shapeOf =
  <Written>() =>
  <Schema extends TSchema>(schema: Static<Schema> extends Written ? Schema : never) =>
    schema

const time = Type.Unsafe<LogTime>(Type.Integer({ description: 'Milliseconds since 1970.' }))
const length = nullable(Type.Integer({ minimum: 0, description: 'Milliseconds.' }))
const perMille = Type.Unsafe<PerMille>(
  Type.Integer({ minimum: 0, maximum: 1_000, description: 'Thousandths.' }),
)
const number = Type.Unsafe<PhoneNumber>(Type.String({ description: 'E.164.' }))
const pseudonym = nullable(
  Type.Unsafe<Pseudonym>(Type.String({ description: 'A keyed hash of a phone number.' })),
)
const session = Type.Unsafe<SessionId>(Type.String())
const visitor = Type.Unsafe<VisitorId>(Type.String())
const { channel, provenance, ...named } = sourceShape.properties
/** What older entries say of a source lacks the last two. */
const source = Type.Unsafe<Source>(
  Type.Object({ ...named, channel: Type.Optional(channel), provenance: Type.Optional(provenance) }, strict),
)
const kind = Type.Unsafe<MatchKind>(matchShape.properties.kind)
const name = Type.Object({ carrier: Type.String(), call: Type.String() }, strict)

const match = Type.Object(
  {
    kind,
    confidence: perMille,
    session: nullable(session),
    visitor: nullable(visitor),
    source: nullable(source),
    candidates: Type.Array(Type.Object({ session, visitor, confidence: perMille }, strict)),
    reasons: Type.Array(Type.String()),
  },
  strict,
)
const heard = Type.Object(
  {
    state: callState,
    at: time,
    statedAt: nullable(Type.Integer({ description: 'What the carrier said.' })),
    ahead: Type.Boolean(),
    ...{ a: pseudonym, b: number, c: pseudonym, reason: nullable(endReason) },
  },
  strict,
)
const because: readonly RevisedBecause[] = [
  ...(['ring', 'answer', 'end', 'late-ring', 'rectified', 'earlier-call', 'erased'] as const),
]
const revision = Type.Object(
  {
    revision: Type.Integer({ minimum: 1 }),
    at: time,
    because: Type.Enum([...because]),
    match: nullable(Type.Object({ kind, confidence: perMille, source: nullable(source) }, strict)),
  },
  strict,
)
const outcome = Type.Enum([...outcomeNames])

const record = Type.Object(
  {
    ...{ carrier: Type.String(), call: Type.String(), a: pseudonym, b: number, c: pseudonym },
    ...{ rangAt: time, answeredAt: nullable(time), endedAt: nullable(time) },
    ...{ ringMs: length, talkMs: length, totalMs: length, outcome, reason: nullable(endReason) },
    ...{ qualified: Type.Boolean(), firstTime: nullable(Type.Boolean()), duplicateOf: nullable(name) },
    shownMs: length,
    touches: Type.Array(Type.Object({ at: time, session, source }, strict)),
    match,
    forward: nullable(number),
    heard: Type.Array(heard),
    settled: Type.Optional(Type.Array(Type.Enum(['a', 'c']))),
    history: Type.Array(revision),
  },
  strict,
)

const endedBecause = Type.Enum(['idle', 'consent-withdrawn', 'erased', 'restricted'])
const problem = Type.Enum(Object.keys(problems) as ProblemCode[])
const tenant = Type.String()
const kindOf = <Kind extends string>(one: Kind) => ({ kind: Type.Literal(one), tenant })
const outcomes = Type.Union([
  Type.Object(
    { ...kindOf('call-changed'), record, state: nullable(callState), corrects: Type.Boolean() },
    strict,
  ),
  Type.Object(
    {
      ...kindOf('session-ended'),
      ...{ session, visitor, startedAt: time, endedAt: time, because: endedBecause },
    },
    strict,
  ),
  Type.Object({ ...kindOf('refused'), problem, call: nullable(Type.String()) }, strict),
])

export const resultMessageShape = shapeOf<ResultMessage>()(
  Type.Object(
    {
      version: Type.Literal(1),
      tenant,
      partition: Type.Integer({ minimum: 0 }),
      rules: Type.Integer({ minimum: 1 }),
      results: Type.Array(
        Type.Object({ sequence: Type.Integer(), index: Type.Integer(), at: time, outcome: outcomes }, strict),
        { minItems: 1 },
      ),
    },
    strict,
  ),
)
