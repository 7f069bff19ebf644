import { type Static, Type } from 'typebox'
import { limits } from '../../core/limits.ts'
import { type Dimension, dimensions } from '../../core/shownCall.ts'
import { callOutcomes, finalOutcomes } from '../../core/callOutcomes.ts'
import { creditModels } from '../../core/credit.ts'
import type { AdminDesk } from '../adminDesk.ts'
import { refusal } from '../admission.ts'
import type { Answer } from '../uws.ts'
import { askCalls } from './asking.ts'
import { type AskedOf, formOf, headersOf, types } from './callList.ts'
import { filterFields, filterOf, filterSays, queryFault, textsOf, wholeUpTo } from './filters.ts'

/** Which source, medium, campaign, keyword or channel the calls came from, and what they were worth. */

const rowsUsually = 1_000
const words = dimensions.join('|')
const shape = Type.Object(
  {
    ...filterFields,
    by: Type.Optional(
      Type.String({
        pattern: `^(${words})(,(${words}))?$`,
        errorMessage: `one of ${dimensions.join(', ')}, or two with a comma between them`,
      }),
    ),
    model: Type.Optional(Type.Enum([...creditModels], { errorMessage: `one of ${creditModels.join(', ')}` })),
    daily: Type.Optional(Type.Enum(['true', 'false'], { errorMessage: 'true or false' })),
    limit: wholeUpTo(limits.reportRowsMax),
  },
  { additionalProperties: false },
)

export const reportQuery: Readonly<Record<string, string>> = {
  by: `By what calls are grouped: ${dimensions.join(', ')}, or two of them with a comma between; left out: channel.`,
  model: `How the visits that led to a call share it: ${creditModels.join(', ')}; left out: last-touch.`,
  daily: 'true: a row for each group and day, which begins at midnight UTC.',
  limit: `At most so many rows, ${rowsUsually} where it is left out, ${limits.reportRowsMax} at most.`,
  ...filterSays,
}

const sum = Type.Number({ minimum: 0 })
const outcomeSums = Object.fromEntries(
  finalOutcomes.map(name => [name, Type.Number({ minimum: 0, description: callOutcomes[name] })]),
)
const rowShape = Type.Object({
  ...Object.fromEntries(
    dimensions.map(name => [name, Type.Optional(Type.Union([Type.String(), Type.Null()]))]),
  ),
  day: Type.Optional(Type.String({ format: 'date' })),
  ...{ calls: sum, credit: sum, qualified: sum, ...outcomeSums, firstTime: sum, talkMs: sum },
  ...{ meanConfidence: Type.Union([sum, Type.Null()]), expectedRight: sum },
})
export const reportShown = Type.Object({
  model: Type.String(),
  rows: Type.Array(rowShape),
  total: rowShape,
  /** How many rows were left out. */
  more: Type.Integer({ minimum: 0 }),
})

export async function makeReport(desk: AdminDesk, { tenant, query, accept }: AskedOf<null>): Promise<Answer> {
  const fault = queryFault(shape, query)
  if (fault !== null) return refusal(fault.code, fault.detail)
  const texts = textsOf(query) as Static<typeof shape>
  const { model = 'last-touch', daily = 'false', limit } = texts
  const by = [...new Set((texts.by ?? 'channel').split(','))] as Dimension[]
  const report = {
    ...{ by, model, daily: daily === 'true' },
    most: Math.min(Number(limit ?? rowsUsually), limits.reportRowsMax),
  }
  const as = formOf(accept) === 'csv' ? 'csv' : 'json'
  const reply = await askCalls(desk, tenant, {
    kind: 'report',
    tenant: tenant.id,
    filter: filterOf(texts),
    report,
    as,
  })
  if ('refused' in reply) return reply.refused
  // A table has no place for what was left out of it.
  const headers =
    as === 'csv'
      ? ([...headersOf(types.csv), ['ringtrail-more', String(reply.more)]] as const)
      : headersOf(types.json)
  return { status: 200, headers, body: Buffer.from(reply.text) }
}
