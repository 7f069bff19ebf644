import { isLoopbackHost } from '../config/addresses.ts'
import type { ProblemCode } from '../core/problems.ts'
import { type Authenticate, type Caller, holds, notNow } from './access/authenticate.ts'
import type { Keys } from './access/keys.ts'
import type { AdminRoute } from './adminRoute.ts'
import type { EndedTenants } from './contract/endedTenants.ts'
import { type Place, processorsPlace } from './noting.ts'
import type { Tenant, Tenants } from './tenants.ts'
import type { Request } from './uws.ts'

/** What stands before every handler of the admin API: who asks, whether the key has the scope, whether it reaches the tenant. */
export type Guard = (
  route: AdminRoute,
  request: Pick<Request, 'headers' | 'peer' | 'query'>,
  params: Readonly<Record<string, string>>,
) => Promise<Admitted | ProblemCode>

/** `place`: where what is asked for belongs. */
export type Admitted = { readonly caller: Caller; readonly tenant: Tenant | null; readonly place: Place }

type Reached = Pick<Admitted, 'tenant' | 'place'>
const processors: Reached = { tenant: null, place: processorsPlace }

export type GuardSetup = {
  readonly authenticate: Authenticate
  readonly tenants: Tenants
  readonly ended: Pick<EndedTenants, 'placeOf'>
  readonly keys: Pick<Keys, 'used'>
  /** Whether only this machine reaches the listener. */
  readonly isLocal: boolean
}

export function createGuard({ authenticate, tenants, ended, keys, isLocal }: GuardSetup): Guard {
  return async (route, request, params) => {
    // A page of somebody's site gets here through a name that it points here, but it has no key to show.
    const { headers } = request
    if (isLocal && !headers.has('authorization') && !isLoopbackHost(headers.get('host') ?? ''))
      return 'foreign-host'
    const caller = await authenticate(request, route.openAtFirst)
    if (typeof caller === 'string') return caller
    if (!holds(caller, route.scope)) return 'scope-missing'
    const asked = params.tenant ?? new URLSearchParams(request.query).get('tenant')
    const found = tenantOf(route, caller, asked, tenants)
    const reached = found === 'unknown-tenant' ? await afterEnd(route, caller, asked, ended) : found
    if (typeof reached === 'string') return reached
    if (caller.key !== null) keys.used(caller.key, route.scope)
    return { caller, ...reached }
  }
}

/** A tenant that the key does not reach, and one that does not exist, are answered alike. */
function tenantOf(
  route: AdminRoute,
  caller: Caller,
  asked: string | null,
  tenants: Tenants,
): Reached | ProblemCode {
  if (route.tenant === 'none') return caller.tenant === null ? processors : 'scope-missing'
  const id = asked ?? caller.tenant
  if (id === null && route.tenant === 'any') return processors
  const only = tenants.all.length === 1 ? tenants.all[0] : undefined
  const found = id === null ? only : tenants.tenant(id)
  if (found === undefined) return 'unknown-tenant'
  if (caller.tenant !== null && caller.tenant !== found.id) return 'unknown-tenant'
  return { tenant: found, place: { tenant: found.id, partition: found.partition } }
}

/** Who must not reach it is not told, by the time it takes either, whether there was one. */
async function afterEnd(
  { isLasting }: AdminRoute,
  caller: Caller,
  asked: string | null,
  ended: GuardSetup['ended'],
): Promise<Reached | ProblemCode> {
  if (!isLasting || asked === null || (caller.tenant !== null && caller.tenant !== asked))
    return 'unknown-tenant'
  const place = await ended.placeOf(asked).catch(notNow)
  if (place === 'not-now') return place
  return place === null ? 'unknown-tenant' : { tenant: null, place }
}
