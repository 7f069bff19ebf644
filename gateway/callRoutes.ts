import { type AdminRoute, socketRow, tenantRoute } from './adminRoute.ts'
import { filterSays } from './questions/filters.ts'
import { answerCall } from './questions/opened.ts'
import { inFullShown } from './questions/shapes.ts'

/** Who may follow the feed. */
export const feedRow = socketRow({
  path: '/v1/feed',
  scope: 'feed:read',
  tenant: 'any',
  openAtFirst: true,
  says: 'Results as they come, one JSON object a frame.',
  query: {
    results: 'Which, with commas between them: call-changed, session-ended, refused; left out: all.',
    ...filterSays,
  },
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
    ...{
      query,
      answer: inFullShown,
      example: null,
      says: 'One call’s record, as `GET /v1/tenants/{tenant}/calls/{call}` answers it.',
    },
    handle: answerCall,
  }),
  feedRow,
]
