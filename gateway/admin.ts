import { isLoopback, isLoopbackHost } from '../config/addresses.ts'
import type { Config } from '../config/config.ts'
import type { Link } from '../config/nats.ts'
import { limits } from '../core/limits.ts'
import { refusal } from './admission.ts'
import { addFeed, callOnTheWire } from './feed.ts'
import type { Owners } from './owners.ts'
import type { Readiness } from './readiness.ts'
import type { Tenants } from './tenants.ts'
import { type Answer, type App, type Handler, type Request, route } from './uws.ts'

/** What monitors are told; every role has it. */
export type MonitorSetup = {
  readonly config: Config
  readonly metricsText: () => Promise<{ type: string; text: string }>
  readonly ready: () => Promise<Readiness>
  readonly broke: (error: Error) => void
}

/** What the people who run a gateway may ask besides. */
export type AdminSetup = MonitorSetup & {
  readonly link: Link
  readonly owners: Owners
  readonly tenants: Tenants
}

const json = (status: number, value: unknown): Answer => ({
  status,
  headers: [['content-type', 'application/json']],
  body: JSON.stringify(value),
})

/** The admin listener's routes. Away from loopback only what monitors need, until there are keys. */
export function addAdminRoutes(app: App, setup: AdminSetup): { stop(): void } {
  const local = isLoopback(setup.config.listen.admin)
  if (local) add(app, setup, '/v1/calls/:call', request => oneCall(setup, request))
  const feed = local ? addFeed(app, setup) : { stop: () => undefined }
  addMonitorRoutes(app, setup)
  return feed
}

/** `/metrics`, `/livez`, `/readyz`, and a refusal of everything else. */
export function addMonitorRoutes(app: App, setup: MonitorSetup): void {
  add(app, setup, '/metrics', async () => {
    const { type, text } = await setup.metricsText()
    return { status: 200, headers: [['content-type', type]], body: text }
  })
  add(app, setup, '/livez', () => json(200, { live: true }))
  add(app, setup, '/readyz', async () => {
    const { ready, detail } = await setup.ready()
    return json(ready ? 200 : 503, { ready, ...detail })
  })
  add(app, setup, '/*', () => refusal('not-found'))
}

/** On loopback there are no keys, so a page of somebody's site must not get here through a name that it points here. */
function add(app: App, { config, broke }: MonitorSetup, pattern: string, handle: Handler): void {
  const local = isLoopback(config.listen.admin)
  const guarded: Handler = request =>
    local && !isLoopbackHost(request.headers.get('host') ?? '') ? refusal('foreign-host') : handle(request)
  route(app, pattern, limits.adminBodyBytesMax, () => refusal('too-large'), guarded, broke)
}

/** null: what stands there is nothing that was ever encoded. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** `GET /v1/calls/{call}?tenant=…`: the call's record; the tenant may be left out where there is only one. */
async function oneCall(setup: AdminSetup, request: Request): Promise<Answer> {
  const call = decoded(request.path.slice('/v1/calls/'.length))
  if (call === null) return refusal('unknown-call')
  const asked = new URLSearchParams(request.query).get('tenant')
  const only = setup.tenants.all.length === 1 ? setup.tenants.all[0] : undefined
  const tenant = asked === null ? only : setup.tenants.tenant(asked)
  if (tenant === undefined) return refusal('unknown-tenant')
  const [record] = await setup.owners.calls(tenant.partition, tenant.id, call)
  return record === undefined ? refusal('unknown-call') : json(200, callOnTheWire(record))
}
