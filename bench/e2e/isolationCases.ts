import type { AdminRoute } from '../../gateway/adminRoute.ts'

/**
 * What the test of isolation has to know of a route beyond its row: what of the other tenant its path or its body can
 * name. A route without its line here fails the test.
 */

/** What the tenant has whose data must stay out of reach. */
export type Foreign = {
  readonly tenant: string
  readonly key: string
  readonly call: string
  readonly visitor: string
  readonly session: string
  /** A request of an erasure. */
  readonly erasure: string
  /** Whom it erased. */
  readonly erased: string
  readonly breach: string
  /** A tracking number. */
  readonly b: string
}

/** Places in paths, other than `{tenant}`: something of the other tenant that could stand there. */
export const foreignPlaces: Readonly<Record<string, (foreign: Foreign) => string>> = {
  call: foreign => foreign.call,
  key: foreign => foreign.key,
  request: foreign => foreign.erasure,
  breach: foreign => foreign.breach,
  b: foreign => foreign.b,
}

/**
 * Bodies, by route: null where a body names nothing that a tenant has; else the body that names what is the other
 * tenant's, and what it is answered to whoever asks in the name of their own, which has to be what it is answered for what
 * does not exist (`nobodys`).
 */
export type ForeignBody = { readonly foreign: (foreign: Foreign) => unknown; readonly nobodys: unknown }

const nobody = 'N'.repeat(22)

export const foreignBodies: Readonly<Record<string, ForeignBody | null>> = {
  'POST /v1/tenants/{tenant}/keys': null,
  'POST /v1/tenants/{tenant}/keys/{key}/rotate': null,
  'POST /v1/tenants/{tenant}/keys/{key}/revoke': null,
  'POST /v1/tenants/{tenant}/subjects/find': {
    foreign: ({ visitor }) => ({ visitor }),
    nobodys: { visitor: nobody },
  },
  'POST /v1/tenants/{tenant}/subjects/access': {
    foreign: ({ visitor }) => ({ subjects: [`v:${visitor}`], as: 'json' }),
    nobodys: { subjects: [`v:${nobody}`], as: 'json' },
  },
  'POST /v1/tenants/{tenant}/subjects/export': {
    foreign: ({ visitor }) => ({ subjects: [`v:${visitor}`] }),
    nobodys: { subjects: [`v:${nobody}`] },
  },
  'POST /v1/tenants/{tenant}/subjects/rectify': {
    foreign: ({ call }) => ({ carrier: 'generic', call, phone: '+4520304051' }),
    nobodys: { carrier: 'generic', call: 'nobodys', phone: '+4520304051' },
  },
  'POST /v1/tenants/{tenant}/subjects/restrict': {
    foreign: ({ visitor }) => ({ subjects: [`v:${visitor}`], mode: 'objected' }),
    nobodys: { subjects: [`v:${nobody}`], mode: 'objected' },
  },
  'POST /v1/tenants/{tenant}/subjects/erase': {
    foreign: ({ visitor }) => ({ subjects: [`v:${visitor}`] }),
    nobodys: { subjects: [`v:${nobody}`] },
  },
  'POST /v1/tenants/{tenant}/audit/subject': {
    foreign: ({ erased }) => ({ subject: `v:${erased}` }),
    nobodys: { subject: `v:${'O'.repeat(22)}` },
  },
  'POST /v1/tenants/{tenant}/calls/search': {
    foreign: ({ visitor }) => ({ visitor }),
    nobodys: { visitor: nobody },
  },
  'POST /v1/tenants/{tenant}/calls/open': {
    foreign: ({ visitor }) => ({ visitor }),
    nobodys: { visitor: nobody },
  },
  'POST /v1/tenants/{tenant}/calls/{call}/open': null,
  'POST /v1/tenants/{tenant}/visits/open': {
    foreign: ({ session }) => ({ session }),
    nobodys: { session: nobody },
  },
  'POST /v1/tenants/{tenant}/report/phrases': null,
  'POST /v1/keys': null,
  'POST /v1/apply': null,
  'POST /v1/tenants/{tenant}/breaches': null,
  'POST /v1/tenants/{tenant}/breaches/{breach}/phase': null,
  'POST /v1/tenants/{tenant}/return': null,
  'POST /v1/tenants/{tenant}/return/{request}/received': null,
  'POST /v1/tenants/{tenant}/end': null,
  'POST /v1/breaches': null,
  'POST /v1/breaches/{breach}/phase': null,
  'POST /v1/evidence': null,
  'POST /v1/evidence-collections': null,
  'POST /v1/tenants/{tenant}/evidence-collections': null,
  'POST /v1/keys/{key}/rotate': null,
  'POST /v1/keys/{key}/revoke': null,
}

export const nameOf = ({ method, path }: AdminRoute) => `${method} ${path}`
export const placesOf = ({ path }: AdminRoute) =>
  [...path.matchAll(/\{([a-z]+)\}/g)].map(([, name]) => name ?? '')
