import { type Static, Type } from 'typebox'
import { limits } from '../../core/limits.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import { refusal } from '../admission.ts'
import type { Answer } from '../uws.ts'
import { askCalls } from './asking.ts'
import type { AskedOf } from './callList.ts'
import { moment, queryFault, textsOf, timeOf, wholeUpTo } from './filters.ts'

/** How full a pool was, over time. */

const everyMinutes = limits.poolMomentEveryMs / 60_000
const most = limits.poolMomentsPerPageMax
const shape = Type.Object(
  {
    pool: Type.Optional(Type.String({ minLength: 1, maxLength: 64, errorMessage: 'the id of a pool' })),
    ...{ from: moment, to: moment, limit: wholeUpTo(most) },
  },
  { additionalProperties: false },
)

export const utilisationQuery: Readonly<Record<string, string>> = {
  pool: 'The pool; it may be left out where there is only one.',
  from: 'From this time on; left out: the last day.',
  to: 'Before this time; left out: now.',
  limit: `At most so many moments, ${most} where it is left out: a week.`,
}

const count = Type.Integer({ minimum: 0 })
const momentShown = Type.Object({
  at: Type.String({ format: 'date-time' }),
  ...{ size: count, assigned: count, tail: count, cooling: count, free: count },
  draining: Type.Union([count, Type.Null()], {
    description:
      'Beside these: numbers that were taken out, while somebody holds them. Null: not counted then.',
  }),
  taken: Type.Number({ minimum: 0, maximum: 1, description: 'The share of `size` that is not free.' }),
})
export const utilisationShown = Type.Object({
  pool: Type.String(),
  everyMinutes: Type.Integer(),
  moments: Type.Array(momentShown),
  /** From when on to ask for the rest; null: that was all. */
  next: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
})

const dayMs = 86_400_000

export async function utilisation(desk: AdminDesk, { tenant, query }: AskedOf<null>): Promise<Answer> {
  const fault = queryFault(shape, query)
  if (fault !== null) return refusal(fault.code, fault.detail)
  const texts = textsOf(query) as Static<typeof shape>
  const { pools } = tenant.policy
  const pool = texts.pool ?? (pools.length === 1 ? pools[0]?.id : undefined)
  if (pool === undefined) return refusal('not-valid', 'pool has to be the id of a pool.')
  const toMs = timeOf(texts.to) ?? desk.clock()
  const fromMs = timeOf(texts.from) ?? toMs - dayMs
  const reply = await askCalls(desk, tenant, {
    kind: 'utilisation',
    tenant: tenant.id,
    pool,
    fromMs,
    toMs,
    most: Math.min(Number(texts.limit ?? most), most),
  })
  if ('refused' in reply) return reply.refused
  // One that was taken out has its moments still.
  if (reply.moments.length === 0 && !pools.some(({ id }) => id === pool))
    return refusal('not-found', 'The tenant has no such pool, and nothing is known of one in this time.')
  const moments = reply.moments.map(({ atMs, ...one }) => ({
    ...{ at: new Date(atMs).toISOString(), ...one },
    taken: one.size === 0 ? 0 : Math.round((1 - one.free / one.size) * 1_000) / 1_000,
  }))
  const next = reply.next === null ? null : new Date(reply.next).toISOString()
  return jsonAnswer(200, { pool, everyMinutes, moments, next })
}
