import { Type } from 'typebox'
import { callShown } from '../../core/shownCall.ts'
import { limits } from '../../core/limits.ts'
import { type AdminRoute, tenantRoute } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import { formOf, type ListTexts, listCalls } from './callList.ts'
import { cursorForm } from './cursor.ts'
import { filterFields, filterSays, peopleFields, queryFault, textsOf, wholeUpTo } from './filters.ts'
import { utilisation, utilisationQuery, utilisationShown } from './utilisation.ts'
import { makeReport, reportQuery, reportShown } from './reports.ts'

/** What marketers and call centres ask. Ids of people travel in bodies, never in an address. */
const tenant = '/v1/tenants/{tenant}'

const paging = {
  after: Type.Optional(Type.String({ pattern: cursorForm, errorMessage: 'the next of an earlier page' })),
  limit: wholeUpTo(limits.callsPerPageMax),
}
const strict = { additionalProperties: false } as const
const listQuery = Type.Object({ ...filterFields, ...paging }, strict)
const listForms = ['json', 'ndjson', 'csv'] as const
const searchBody = Type.Object(
  {
    ...{ ...filterFields, ...peopleFields, ...paging },
    as: Type.Optional(Type.Enum([...listForms], { errorMessage: listForms.join(', ') })),
  },
  strict,
)
const query = {
  after:
    'The `next` of an earlier page: the calls that come after it. What rings meanwhile does not move them.',
  limit: `Calls in a page: 100 where it is left out, ${limits.callsPerPageMax} at most. A stream has all.`,
  ...filterSays,
}
const pageShown = Type.Object({
  calls: Type.Array(callShown),
  /** null: that was the last page. */
  next: Type.Union([Type.String(), Type.Null()]),
})

const scope = 'calls:read' as const

export const questionRoutes: readonly AdminRoute[] = [
  tenantRoute(null, {
    ...{ method: 'GET', path: `${tenant}/calls`, scope, query, answer: pageShown, example: null },
    says: 'Calls, the latest ring first; all of them as a stream where `Accept` is text/csv or application/x-ndjson.',
    handle: async (desk, asked) => {
      const fault = queryFault(listQuery, asked.query)
      if (fault !== null) return refusal(fault.code, fault.detail)
      const as = formOf(asked.accept)
      const texts = { ...textsOf(asked.query), ...(as === undefined ? {} : { as }) }
      return listCalls(desk, asked.tenant, texts, desk.streams)
    },
  }),
  tenantRoute(searchBody, {
    ...{ method: 'POST', path: `${tenant}/calls/search`, scope, answer: pageShown },
    example: { kind: 'exact,tail', minConfidence: '0.8', limit: '20' },
    says: 'The same, also by visit and visitor.',
    handle: (desk, asked) => listCalls(desk, asked.tenant, asked.body as ListTexts, desk.streams),
  }),
  tenantRoute(null, {
    ...{
      method: 'GET',
      path: `${tenant}/report`,
      scope,
      query: reportQuery,
      answer: reportShown,
      example: null,
    },
    says: 'Calls by source, medium, campaign, keyword or channel, under a model of attribution.',
    handle: makeReport,
  }),
  tenantRoute(null, {
    ...{ method: 'GET', path: `${tenant}/pools/utilisation`, scope, query: utilisationQuery },
    ...{ answer: utilisationShown, example: null },
    says: 'How many numbers of a pool were lent, in tail, in cool-down and free, every few minutes.',
    handle: utilisation,
  }),
]
