import { type Static, Type } from 'typebox'
import { parsePhoneNumber } from '../../config/phoneNumbers.ts'
import { toWire } from '../../core/shownCall.ts'
import { matchShape } from '../../core/wire/signal.ts'
import { type AdminDesk, jsonAnswer } from '../adminDesk.ts'
import { refusal } from '../admission.ts'
import type { Answer } from '../uws.ts'
import type { AskedOf } from './callList.ts'
import { moment, queryFault, textsOf, timeOf } from './filters.ts'

/** Who held a number at a moment, by the rules by which a call is matched. */

const shape = Type.Object({ at: moment }, { additionalProperties: false })
export const holderQuery = { at: 'The moment; left out: now.' }

const time = Type.String({ format: 'date-time' })
const orNull = (schema: Parameters<typeof Type.Union>[0][number]) => Type.Union([schema, Type.Null()])
export const heldShown = Type.Object({
  ...{ number: Type.String(), target: Type.String(), from: time, until: time, shared: Type.Boolean() },
})
export const holderShown = Type.Object({
  b: Type.String(),
  at: time,
  pool: orNull(Type.String()),
  /** As a call would have been answered that rang then with a withheld number. */
  match: matchShape,
  held: orNull(heldShown),
  /** false: who held it then is not remembered any more. */
  remembered: Type.Boolean(),
})

export async function findHolder(desk: AdminDesk, { tenant, params, query }: AskedOf<null>): Promise<Answer> {
  const fault = queryFault(shape, query)
  if (fault !== null) return refusal(fault.code, fault.detail)
  const at = timeOf((textsOf(query) as Static<typeof shape>).at)
  const b = parsePhoneNumber(params.b ?? '')
  if (b === null) return refusal('not-found')
  const reply = await desk.owners.ask(tenant.partition, { kind: 'holder', tenant: tenant.id, b, at })
  if (reply.kind !== 'holder' || !reply.current) return refusal('not-now')
  if (reply.holder === null) return refusal('not-found')
  const { match, held, at: asOf, ...rest } = reply.holder
  return jsonAnswer(200, {
    b,
    at: iso(asOf),
    ...rest,
    match: toWire(match),
    held: held === null ? null : { ...held, from: iso(held.from), until: iso(held.until) },
  })
}

const iso = (at: number) => new Date(at).toISOString()
