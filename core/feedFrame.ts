import { type TSchema, Type } from 'typebox'
import { callShown, shownCall } from './shownCall.ts'
import { wholeCall } from './wholeCall.ts'
import type { Result, ResultOutcome } from './wire/result.ts'
import { callState } from './wire/signal.ts'

/** What `WS /v1/feed` tells of results: the shape of each kind of frame, and how it is made. */

const strict = { additionalProperties: false } as const
const nullable = (schema: TSchema) => Type.Union([schema, Type.Null()])
const time = Type.String({ format: 'date-time' })

function frame(kind: ResultOutcome['kind'], fields: Readonly<Record<string, TSchema>>): TSchema {
  const id = Type.String({ description: 'The same each time that this result is told.' })
  return Type.Object({ id, tenant: Type.String(), at: time, kind: Type.Literal(kind), ...fields }, strict)
}

export const feedFrames: Readonly<Record<ResultOutcome['kind'], TSchema>> = {
  'call-changed': frame('call-changed', {
    state: nullable(callState),
    corrects: Type.Boolean(),
    ...callShown.properties,
  }),
  'session-ended': frame('session-ended', {
    session: Type.String(),
    endedAt: time,
    because: Type.Enum(['idle', 'consent-withdrawn', 'erased']),
  }),
  refused: frame('refused', { code: Type.String(), call: nullable(Type.String()) }),
}

/** A result as the feed tells it; `id`: what those outside call it. */
export function feedFrame(tenant: string, id: string, { at, outcome }: Result): object {
  const common = { id, tenant, at: new Date(at).toISOString(), kind: outcome.kind }
  if (outcome.kind === 'call-changed') {
    const { state, corrects, record } = outcome
    return { ...common, state, corrects, ...shownCall(wholeCall(record)) }
  }
  if (outcome.kind === 'refused') return { ...common, code: outcome.problem, call: outcome.call }
  const { session, endedAt, because } = outcome
  return { ...common, session, endedAt: new Date(endedAt).toISOString(), because }
}
