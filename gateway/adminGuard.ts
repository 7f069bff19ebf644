import { isLoopbackHost } from '../config/addresses.ts'
import type { ProblemCode } from '../core/problems.ts'
import { type Authenticate, type Caller, holds } from './access/authenticate.ts'
import type { Keys } from './access/keys.ts'
import type { AdminRoute } from './adminRoute.ts'
import type { Tenant, Tenants } from './tenants.ts'
import type { Request } from './uws.ts'

/** What stands before every handler of the admin API: who asks, whether the key has the scope, whether it reaches the tenant. */
export type Guard = (
  route: AdminRoute,
  request: Pick<Request, 'headers' | 'peer' | 'query'>,
  params: Readonly<Record<string, string>>,
) => Promise<Admitted | ProblemCode>

export type Admitted = { readonly caller: Caller; readonly tenant: Tenant | null }

export type GuardSetup = {
  readonly authenticate: Authenticate
  readonly tenants: Tenants
  readonly keys: Pick<Keys, 'used'>
  /** Whether only this machine reaches the listener. */
  readonly isLocal: boolean
}

export function createGuard({ authenticate, tenants, keys, isLocal }: GuardSetup): Guard {
  return async (route, request, params) => {
    // A page of somebody's site gets here through a name that it points here, but it has no key to show.
    const { headers } = request
    if (isLocal && !headers.has('authorization') && !isLoopbackHost(headers.get('host') ?? ''))
      return 'foreign-host'
    const caller = await authenticate(request, route.openAtFirst)
    if (typeof caller === 'string') return caller
    if (!holds(caller, route.scope)) return 'scope-missing'
    const asked = params.tenant ?? new URLSearchParams(request.query).get('tenant')
    const tenant = tenantOf(route, caller, asked, tenants)
    if (typeof tenant === 'string') return tenant
    if (caller.key !== null) keys.used(caller.key, route.scope)
    return { caller, tenant }
  }
}

/** A tenant that the key does not reach, and one that does not exist, are answered alike. */
function tenantOf(
  route: AdminRoute,
  caller: Caller,
  asked: string | null,
  tenants: Tenants,
): Tenant | null | ProblemCode {
  if (route.tenant === 'none') return caller.tenant === null ? null : 'scope-missing'
  const id = asked ?? caller.tenant
  if (id === null && route.tenant === 'any') return null
  const only = tenants.all.length === 1 ? tenants.all[0] : undefined
  const found = id === null ? only : tenants.tenant(id)
  if (found === undefined) return 'unknown-tenant'
  return caller.tenant === null || caller.tenant === found.id ? found : 'unknown-tenant'
}
