import { type AdminRoute, processorRoute, tenantRoute } from '../adminRoute.ts'
import { listKeys, makeKey, revokeKey, rotateKey } from './keyDesk.ts'
import {
  accessReviewed,
  keyGiven,
  keyShown,
  keysListed,
  madeBody,
  revokedBody,
  rotatedBody,
} from './keyShapes.ts'
import { reviewAccess } from './review.ts'

/** API keys and the review of access: of a tenant, and of the processor's own staff under `/v1/keys`. */
const tenants = '/v1/tenants/{tenant}'
const query = { as: 'json (default), csv or text' }
const [made, rotated, revoked] = [
  { name: 'reports', role: 'analyst', expiresIn: '90d', purpose: 'ticket 4711' },
  { overlap: '24h' },
  { purpose: 'ticket 4712' },
]

export const keyRoutes: readonly AdminRoute[] = [
  tenantRoute(madeBody('tenant'), {
    ...{ method: 'POST', path: `${tenants}/keys`, scope: 'keys:write', answer: keyGiven, example: made },
    says: 'Makes an API key. Its text is in this answer and nowhere else.',
    handle: makeKey,
  }),
  tenantRoute(null, {
    ...{ method: 'GET', path: `${tenants}/keys`, scope: 'keys:read', answer: keysListed, example: null },
    says: 'Lists the API keys, without their secrets.',
    handle: listKeys,
  }),
  tenantRoute(rotatedBody, {
    ...{ method: 'POST', path: `${tenants}/keys/{key}/rotate`, scope: 'keys:write', answer: keyGiven },
    ...{ example: rotated, says: 'Gives a key a new secret; the old one works on for the overlap.' },
    handle: rotateKey,
  }),
  tenantRoute(revokedBody, {
    ...{ method: 'POST', path: `${tenants}/keys/{key}/revoke`, scope: 'keys:write', answer: keyShown },
    ...{ example: revoked, says: 'Ends a key for good, everywhere within a second.' },
    handle: revokeKey,
  }),
  tenantRoute(null, {
    ...{ method: 'GET', path: `${tenants}/access-review`, scope: 'keys:read', answer: accessReviewed, query },
    ...{ example: null, says: 'Reports who has access to the tenant’s data, for review.' },
    otherForms: ['text/csv', 'text/plain'],
    handle: reviewAccess,
  }),
  processorRoute(madeBody('processor'), {
    ...{ method: 'POST', path: '/v1/keys', scope: 'keys:write', answer: keyGiven },
    ...{ example: { ...made, role: 'operator' }, says: 'Makes an API key of the processor’s own.' },
    handle: makeKey,
  }),
  processorRoute(null, {
    ...{ method: 'GET', path: '/v1/keys', scope: 'keys:read', answer: keysListed, example: null },
    says: 'Lists the processor’s own keys.',
    handle: listKeys,
  }),
  processorRoute(rotatedBody, {
    ...{ method: 'POST', path: '/v1/keys/{key}/rotate', scope: 'keys:write', answer: keyGiven },
    ...{ example: rotated, says: 'Gives a key of the processor’s a new secret.' },
    handle: rotateKey,
  }),
  processorRoute(revokedBody, {
    ...{ method: 'POST', path: '/v1/keys/{key}/revoke', scope: 'keys:write', answer: keyShown },
    ...{ example: revoked, says: 'Ends a key of the processor’s for good.' },
    handle: revokeKey,
  }),
  processorRoute(null, {
    ...{ method: 'GET', path: '/v1/access-review', scope: 'keys:read', answer: accessReviewed, query },
    ...{ example: null, says: 'Reports who of the processor’s has access to every tenant’s data.' },
    otherForms: ['text/csv', 'text/plain'],
    handle: reviewAccess,
  }),
]
