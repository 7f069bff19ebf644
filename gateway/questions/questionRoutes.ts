import { Type } from 'typebox'
import { limits } from '../../core/limits.ts'
import { type AdminRoute, purposeText, tenantRoute } from '../adminRoute.ts'
import { refusal } from '../admission.ts'
import { formOf, type ListTexts, listCalls } from './callList.ts'
import { cursorForm } from './cursor.ts'
import { filterFields, filterSays, peopleFields, queryFault, textsOf, wholeUpTo } from './filters.ts'
import { findHolder, holderQuery, holderShown } from './holder.ts'
import {
  answerCall,
  openCall,
  openCalls,
  openedCallBody,
  openedPerPageMax,
  openVisit,
  visitBody,
} from './opened.ts'
import { phrasesBody, phrasesShown, reportByPhrase } from './phrases.ts'
import { inFullShown, openedCallShown, openedPageShown, pageShown, visitShown } from './shapes.ts'
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
const scope = 'calls:read' as const
const streamForms = ['text/csv', 'application/x-ndjson']
const opening = { scope: 'visits:read', personal: true } as const
const openBody = Type.Object(
  { ...filterFields, ...peopleFields, ...paging, purpose: Type.Optional(purposeText) },
  strict,
)

export const questionRoutes: readonly AdminRoute[] = [
  tenantRoute(null, {
    ...{ method: 'GET', path: `${tenant}/calls`, scope, query, answer: pageShown, example: null },
    otherForms: streamForms,
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
    otherForms: streamForms,
    example: { kind: 'exact,tail', minConfidence: '0.8', limit: '20' },
    says: 'The same, also by visit and visitor.',
    handle: (desk, asked) => listCalls(desk, asked.tenant, asked.body as ListTexts, desk.streams),
  }),
  tenantRoute(null, {
    ...{ method: 'GET', path: `${tenant}/calls/{call}`, scope, answer: inFullShown, example: null },
    says: 'One call: its record, candidates and reasons, and who gets the credit under each model.',
    handle: answerCall,
  }),
  tenantRoute(openBody, {
    ...{ method: 'POST', path: `${tenant}/calls/open`, ...opening, answer: openedPageShown },
    example: { kind: 'exact', limit: '10', purpose: 'ticket 4711' },
    says: `Calls as the search finds them, with the numbers of callers and of those called; at most ${openedPerPageMax} a page.`,
    handle: openCalls,
  }),
  tenantRoute(openedCallBody, {
    ...{ method: 'POST', path: `${tenant}/calls/{call}/open`, ...opening, answer: openedCallShown },
    example: { purpose: 'ticket 4711' },
    says: 'One call with the numbers of the caller and of who was called, and what its visit looked at until it rang.',
    handle: openCall,
  }),
  tenantRoute(visitBody, {
    ...{ method: 'POST', path: `${tenant}/visits/open`, ...opening, answer: visitShown },
    example: { session: '3q2-7wAAAAAAAAAAAAAAAA', purpose: 'ticket 4711' },
    says: 'One visit: its life, the numbers it held, what it looked at and entered, and its calls.',
    handle: openVisit,
  }),
  tenantRoute(null, {
    ...{ method: 'GET', path: `${tenant}/numbers/{b}/holder`, scope, query: holderQuery },
    ...{ answer: holderShown, example: null },
    says: 'Who held a number at a moment, and why we think so.',
    handle: findHolder,
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
    otherForms: ['text/csv'],
    says: 'Calls by source, medium, campaign, keyword or channel, under a model of attribution. Calls that are not over are in no outcome’s figure.',
    handle: makeReport,
  }),
  tenantRoute(null, {
    ...{ method: 'GET', path: `${tenant}/pools/utilisation`, scope, query: utilisationQuery },
    ...{ answer: utilisationShown, example: null },
    says: 'How many numbers of a pool were lent, in tail, in cool-down, free and draining, every few minutes.',
    handle: utilisation,
  }),
  tenantRoute(phrasesBody, {
    ...{ method: 'POST', path: `${tenant}/report/phrases`, ...opening, answer: phrasesShown },
    example: { from: '2026-01-01T00:00:00Z', limit: '20', purpose: 'ticket 4711' },
    says: 'Calls by what was typed into a search engine; asked again until it is ready, or to cancel it.',
    handle: reportByPhrase,
  }),
]
