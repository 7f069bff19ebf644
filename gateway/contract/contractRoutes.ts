import { Type } from 'typebox'
import { deletionCertificate } from '../../core/receipt.ts'
import { type AdminRoute, lastingRoute, processorRoute, purposeText, tenantRoute } from '../adminRoute.ts'
import {
  endTenant,
  listEnded,
  readCertificate,
  readReturn,
  receiveReturn,
  returnTenant,
} from './contractDesk.ts'

/** The end of a contract: everything handed back, everything deleted, and the certificate of it. */
const strict = { additionalProperties: false } as const
const path = '/v1/tenants/{tenant}'
const request = Type.String({ pattern: '^[A-Za-z0-9_-]{22}$', errorMessage: 'the id of a return package' })
const count = Type.Integer({ minimum: 0 })

export const returnBody = Type.Object({ purpose: Type.Optional(purposeText) }, strict)
const sha256 = Type.String({
  pattern: '^[0-9a-f]{64}$',
  errorMessage: 'a SHA-256 of 64 hexadecimal digits, in small letters',
})
export const receivedBody = Type.Object(
  {
    /** Of the manifest of the package as it was received: `sha256sum manifest.json`. */
    manifestSha256: sha256,
    purpose: Type.Optional(purposeText),
  },
  strict,
)
export const endBody = Type.Object(
  {
    /** The tenant's id once more: nothing brings back what is deleted. */
    confirm: Type.String({ maxLength: 64, errorMessage: 'the tenant’s id' }),
    /** The request of the return package that was taken before; left out: the last that was finished. */
    returned: Type.Optional(request),
    purpose: Type.Optional(purposeText),
  },
  strict,
)

const time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()])
const received = Type.Object({ request, receivedAt: Type.String({ format: 'date-time' }) }, strict)
const returning = Type.Object(
  {
    request,
    records: count,
    state: Type.Enum(['writing', 'written', 'removed', 'failed']),
    /** On the worker's own disk; null: it is not written yet, or was removed. */
    directory: Type.Union([Type.String(), Type.Null()]),
    manifestSha256: Type.Union([sha256, Type.Null()]),
    /** When it is removed, if nobody says before that it was received. */
    keptUntil: time,
    removedAt: time,
  },
  strict,
)
const allEnded = Type.Object({ tenants: Type.Array(Type.String()) }, strict)
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
  lastingRoute(null, {
    ...{ method: 'GET', path: `${path}/return/{request}`, scope: 'tenant:return', personal: true },
    ...{ answer: returning, example: null, says: 'Says how far a return package is, and where it lies.' },
    handle: readReturn,
  }),
  lastingRoute(receivedBody, {
    ...{ method: 'POST', path: `${path}/return/{request}/received`, scope: 'tenant:return', personal: true },
    ...{ answer: received, example: { manifestSha256: 'ab'.repeat(32), purpose: 'contract 12' } },
    says: 'Says that a return package was received: it is removed from the worker’s disk.',
    handle: receiveReturn,
  }),
  tenantRoute(endBody, {
    ...{ method: 'POST', path: `${path}/end`, scope: 'tenant:end', answer: ended },
    ...{ example: { confirm: 'the tenant’s id', purpose: 'contract 12' } },
    says: 'Ends the tenant: its data is not used from now on, and deleted.',
    handle: endTenant,
  }),
  lastingRoute(null, {
    ...{ method: 'GET', path: `${path}/certificate`, scope: 'tenant:end', answer: deletionCertificate },
    query: { request: 'The end that is meant, as it was answered; the last where it is left out.' },
    ...{ example: null, says: 'The signed certificate of the deletion, as far as it has come.' },
    handle: readCertificate,
  }),
  processorRoute(null, {
    ...{ method: 'GET', path: '/v1/ended-tenants', scope: 'evidence:read', answer: allEnded, example: null },
    says: 'Lists the tenants whose contract ended; their certificates and audit chains can be read.',
    handle: listEnded,
  }),
]
