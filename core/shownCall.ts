import { type TSchema, Type } from 'typebox'
import { callOutcomes, outcomeNames } from './callOutcomes.ts'
import type { CallRecord, Match, Revision, Touch } from './outcome.ts'
import type { Source } from './policy.ts'
import { wholeSource } from './source.ts'
import { matchShape, type MatchOnTheWire, sourceShape } from './wire/signal.ts'

/**
 * A call as questions about calls show it: each field by name, with its shape and where it comes from. JSON, CSV, the
 * documents and the feed are all made from this list; a field more is a line more. Nothing that is sealed is here, nor a
 * pseudonym of a caller.
 */
type Shown = string | number | boolean | null

type CallField = {
  readonly name: string
  readonly shape: TSchema
  readonly of: (record: CallRecord) => Shown
}

const nullable = (schema: TSchema) => Type.Union([schema, Type.Null()])
const text = nullable(Type.String())
const time = nullable(Type.String({ format: 'date-time' }))
const length = nullable(Type.Integer({ minimum: 0 }))
const yesNo = nullable(Type.Boolean())
const outcomesSay = Object.entries(callOutcomes).map(([name, says]) => `${name}: ${says}`)
const outcome = Type.Enum([...outcomeNames], { description: outcomesSay.join(' ') })

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
const field = (name: string, shape: TSchema, of: CallField['of']): CallField => ({ name, shape, of })

export const callFields: readonly CallField[] = [
  field('call', Type.String(), record => record.call),
  field('carrier', Type.String(), record => record.carrier),
  field('b', Type.String(), record => record.b),
  field('rangAt', time, record => iso(record.rangAt)),
  field('answeredAt', time, record => iso(record.answeredAt)),
  field('endedAt', time, record => iso(record.endedAt)),
  field('ringMs', length, record => record.ringMs),
  field('talkMs', length, record => record.talkMs),
  field('totalMs', length, record => record.totalMs),
  field('shownMs', length, record => record.shownMs),
  field('outcome', outcome, record => record.outcome),
  field('reason', text, record => record.reason),
  field('qualified', yesNo, record => record.qualified),
  field('firstTime', yesNo, record => record.firstTime),
  field('forward', text, record => record.forward),
]

/** What of a match has a column of its own, where there is no room for a match in a match. */
const matchColumns: readonly Omit<CallField, 'shape'>[] = [
  { name: 'kind', of: ({ match }) => match.kind },
  { name: 'confidence', of: ({ match }) => match.confidence / 1_000 },
  { name: 'session', of: ({ match }) => match.session },
  { name: 'visitor', of: ({ match }) => match.visitor },
  { name: 'source', of: ({ match }) => match.source?.source ?? null },
  { name: 'medium', of: ({ match }) => match.source?.medium ?? null },
  { name: 'campaign', of: ({ match }) => match.source?.campaign ?? null },
  { name: 'content', of: ({ match }) => match.source?.content ?? null },
  { name: 'keyword', of: ({ match }) => match.source?.keyword ?? null },
  { name: 'channel', of: ({ match }) => channelOf(match.source) },
  { name: 'candidates', of: ({ match }) => match.candidates.length },
  { name: 'touches', of: ({ touches }) => touches.length },
  { name: 'duplicateOf', of: ({ duplicateOf: one }) => (one === null ? null : `${one.carrier} ${one.call}`) },
  { name: 'reasons', of: ({ match }) => match.reasons.join(' ') },
]

const columns = [...callFields, ...matchColumns]
export const callColumns: readonly string[] = columns.map(({ name }) => name)

const touch = Type.Object({
  at: Type.String({ format: 'date-time' }),
  session: nullable(Type.String()),
  source: sourceShape,
})
const revision = Type.Object({
  revision: Type.Integer({ minimum: 1 }),
  at: Type.String({ format: 'date-time' }),
  because: Type.String(),
  match: nullable(
    Type.Object({
      kind: Type.String(),
      confidence: Type.Number({ minimum: 0, maximum: 1 }),
      source: nullable(sourceShape),
    }),
  ),
})

/** The shape of `shownCall`. */
export const callShown = Type.Object({
  ...Object.fromEntries(callFields.map(({ name, shape }) => [name, shape])),
  match: matchShape,
  duplicateOf: nullable(Type.Object({ carrier: Type.String(), call: Type.String() })),
  touches: Type.Array(touch),
  history: Type.Array(revision),
})

export function shownCall(record: CallRecord): Record<string, unknown> {
  const shown: Record<string, unknown> = {}
  for (const { name, of } of callFields) shown[name] = of(record)
  shown.match = toWire(record.match)
  shown.duplicateOf = record.duplicateOf
  shown.touches = record.touches.map(shownTouch)
  shown.history = record.history.map(shownRevision)
  return shown
}

const shownSource = (source: Source | null) => (source === null ? null : wholeSource(source))

export function shownTouch({ at, session, source }: Touch | PathStep) {
  return { at: iso(at), session, source: shownSource(source) }
}

function shownRevision({ match, at, ...one }: Revision) {
  const was =
    match === null
      ? null
      : { ...match, confidence: match.confidence / 1_000, source: shownSource(match.source) }
  return { ...one, at: iso(at), match: was }
}

export function callRow(record: CallRecord): Record<string, Shown> {
  const row: Record<string, Shown> = {}
  for (const { name, of } of columns) row[name] = of(record)
  return row
}

/** A match with its confidence as a probability, 0 to 1, instead of thousandths. */
export function toWire(match: Match): MatchOnTheWire {
  return {
    kind: match.kind,
    confidence: match.confidence / 1_000,
    session: match.session,
    visitor: match.visitor,
    source: shownSource(match.source),
    candidates: match.candidates.map(({ session, visitor, confidence }) => ({
      session,
      visitor,
      confidence: confidence / 1_000,
    })),
    reasons: [...match.reasons],
  }
}

/** By what calls are grouped and filtered. */
export const dimensions = ['source', 'medium', 'campaign', 'keyword', 'channel'] as const
export type Dimension = (typeof dimensions)[number]

/** A source by each of them. */
export function partsOf(source: Source): Readonly<Record<Dimension, string | null>> {
  const { medium, campaign, keyword } = source
  return { source: source.source, medium, campaign, keyword, channel: channelOf(source) }
}

/** Older records have none. */
const channelOf = (source: Source | null): string | null => source?.channel ?? null

/** What led to a call, and where it came from. */
export type PathStep = Omit<Touch, 'session'> & { readonly session: Touch['session'] | null }

/** What led to the call, in the order in which it happened: its path, or where it has none what its match says of a source. */
export function pathOf({
  touches,
  rangAt,
  match: { session, source },
}: Pick<CallRecord, 'touches' | 'rangAt' | 'match'>): readonly PathStep[] {
  if (touches.length > 0) return touches
  return source === null ? [] : [{ at: rangAt, session, source }]
}

/** What was typed into a search engine before a page was opened, as it is sealed with the page. */
export function phraseIn(personal: Readonly<Record<string, unknown>>): string | null {
  const { searchPhrase } = personal
  return typeof searchPhrase === 'string' && searchPhrase !== '' ? searchPhrase : null
}
