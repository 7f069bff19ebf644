import { Type } from 'typebox'
import { deletionCertificate } from '../../core/receipt.ts'
import { type AdminRoute, purposeText, tenantRoute } from '../adminRoute.ts'
import { endTenant, readCertificate, readReturn, returnTenant } from './contractDesk.ts'

/** The end of a contract: everything handed back, everything deleted, and the certificate of it. */
const strict = { additionalProperties: false } as const
const path = '/v1/tenants/{tenant}'
const request = Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' })
const count = Type.Integer({ minimum: 0 })

export const returnBody = Type.Object({ purpose: Type.Optional(purposeText) }, strict)
export const endBody = Type.Object(
  {
    /** The tenant's id once more: nothing brings back what is deleted. */
    confirm: Type.String({ maxLength: 64 }),
    /** The request of the return package that was taken before. */
    returned: Type.Optional(request),
    purpose: Type.Optional(purposeText),
  },
  strict,
)

const returning = Type.Object(
  {
    request,
    records: count,
    state: Type.Enum(['writing', 'written', 'failed']),
    /** On the worker's own disk; null: it is not written yet. */
    directory: Type.Union([Type.String(), Type.Null()]),
    manifestSha256: Type.Union([Type.String(), Type.Null()]),
  },
  strict,
)
const ended = Type.Object({ request, endedAt: Type.String({ format: 'date-time' }) }, strict)

export const contractRoutes: readonly AdminRoute[] = [
  tenantRoute(returnBody, {
    ...{ method: 'POST', path: `${path}/return`, scope: 'tenant:return', personal: true, answer: returning },
    ...{
      example: { purpose: 'end of contract' },
      says: 'Begins to write all of the tenant’s data as a package.',
    },
    handle: returnTenant,
  }),
  tenantRoute(null, {
    ...{ method: 'GET', path: `${path}/return/{request}`, scope: 'tenant:return', personal: true },
    ...{ answer: returning, example: null, says: 'Says how far a return package is, and where it lies.' },
    handle: readReturn,
  }),
  tenantRoute(endBody, {
    ...{ method: 'POST', path: `${path}/end`, scope: 'tenant:end', answer: ended },
    ...{ example: { confirm: 'the tenant’s id', purpose: 'contract 12' } },
    says: 'Ends the tenant: its data is not used from now on, and deleted.',
    handle: endTenant,
  }),
  tenantRoute(null, {
    ...{ method: 'GET', path: `${path}/certificate`, scope: 'tenant:end', answer: deletionCertificate },
    ...{ example: null, says: 'The signed certificate of the deletion, as far as it has come.' },
    handle: readCertificate,
  }),
]
