import { Type } from 'typebox'
import { creditModels, creditParts } from '../core/credit.ts'
import { matchShape, sourceShape } from '../core/wire/signal.ts'
import { jsonAnswer } from './adminDesk.ts'
import { type AdminRoute, socketRow, tenantRoute } from './adminRoute.ts'
import { refusal } from './admission.ts'
import { callOnTheWire, creditOnTheWire } from './callRecord.ts'

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const time = nullable(Type.String({ format: 'date-time' }))
const length = nullable(Type.Integer({ minimum: 0 }))

const touch = Type.Object({
  at: Type.String({ format: 'date-time' }),
  session: Type.String(),
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
const share = Type.Object({
  at: time,
  session: nullable(Type.String()),
  source: sourceShape,
  parts: Type.Integer({ minimum: 1, maximum: creditParts }),
})

const callShown = Type.Object({
  call: Type.String(),
  carrier: Type.String(),
  b: Type.String(),
  rangAt: time,
  answeredAt: time,
  endedAt: time,
  ringMs: length,
  talkMs: length,
  outcome: nullable(Type.String()),
  reason: nullable(Type.String()),
  qualified: nullable(Type.Boolean()),
  firstTime: nullable(Type.Boolean()),
  match: matchShape,
  forward: nullable(Type.String()),
  totalMs: length,
  duplicateOf: nullable(Type.Object({ carrier: Type.String(), call: Type.String() })),
  shownMs: length,
  touches: Type.Array(touch),
  history: Type.Array(revision),
  credit: Type.Object(Object.fromEntries(creditModels.map(model => [model, Type.Array(share)]))),
})

/** Who may follow the feed. */
export const feedRow = socketRow({
  path: '/v1/feed',
  scope: 'feed:read',
  tenant: 'any',
  openAtFirst: true,
  says: 'Results as they come, one JSON object a frame.',
})

const query = { tenant: 'The tenant; it may be left out where the key says it, or there is only one.' }

export const callRoutes: readonly AdminRoute[] = [
  tenantRoute(null, {
    ...{
      method: 'GET',
      path: '/v1/calls/{call}',
      scope: 'calls:read',
      tenant: 'in-query',
      openAtFirst: true,
    },
    ...{ query, answer: callShown, example: null, says: 'One call’s record.' },
    handle: async ({ owners }, { tenant, params }) => {
      const [record] = await owners.calls(tenant.partition, tenant.id, params.call ?? '')
      return record === undefined
        ? refusal('unknown-call')
        : jsonAnswer(200, { ...callOnTheWire(record), credit: creditOnTheWire(record, tenant.policy.calls) })
    },
  }),
  feedRow,
]
