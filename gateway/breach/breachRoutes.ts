import { type AdminRoute, processorRoute, tenantRoute } from '../adminRoute.ts'
import { listBreaches, movePhase, openBreach } from './breachDesk.ts'
import { makePack } from './breachPacks.ts'
import {
  breachesListed,
  breachShown,
  openBody,
  openBodyOfProcessor,
  packAnswered,
  phaseBody,
} from './breachShapes.ts'

/** Breaches of a tenant's own, and under `/v1/breaches` the processor's, which may concern several. */
const tenants = '/v1/tenants/{tenant}'
const opening = { nature: 'unauthorised-access', from: '2026-01-01T00:00:00Z', reference: 'incident 12' }
const moving = { phase: 1, reference: 'letter of 12 May' }
const open = { method: 'POST', scope: 'breach:write', answer: breachShown } as const
const list = { method: 'GET', scope: 'breach:read', answer: breachesListed, example: null } as const
const pack = { method: 'POST', scope: 'breach:write', answer: packAnswered, example: null } as const

export const breachRoutes: readonly AdminRoute[] = [
  tenantRoute(openBody, {
    ...{ ...open, path: `${tenants}/breaches`, example: opening },
    says: 'Opens a breach of the tenant’s data and starts its 24-hour clock.',
    handle: openBreach,
  }),
  tenantRoute(null, {
    ...{ ...list, path: `${tenants}/breaches` },
    says: 'Lists the tenant’s own breaches with their clocks and phases.',
    handle: listBreaches,
  }),
  tenantRoute(null, {
    ...{ ...pack, path: `${tenants}/breaches/{breach}/pack` },
    says: 'Counts what a breach reaches and makes its pack; asked again until it is ready.',
    handle: makePack,
  }),
  tenantRoute(phaseBody, {
    ...{ ...open, path: `${tenants}/breaches/{breach}/phase`, example: moving },
    says: 'Records that the document of a phase was given to whom it is for.',
    handle: movePhase,
  }),
  processorRoute(openBodyOfProcessor, {
    ...{ ...open, path: '/v1/breaches', example: opening },
    says: 'Opens a breach at the processor, of all tenants or some, and starts its 24-hour clock.',
    handle: openBreach,
  }),
  processorRoute(null, {
    ...{ ...list, path: '/v1/breaches' },
    says: 'Lists the processor’s breaches with their clocks and phases.',
    handle: listBreaches,
  }),
  processorRoute(null, {
    ...{ ...pack, path: '/v1/breaches/{breach}/pack' },
    says: 'Counts what a breach reaches and makes a pack for each controller; asked again until it is ready.',
    handle: makePack,
  }),
  processorRoute(phaseBody, {
    ...{ ...open, path: '/v1/breaches/{breach}/phase', example: moving },
    says: 'Records that the document of a phase was given to the controllers.',
    handle: movePhase,
  }),
]
