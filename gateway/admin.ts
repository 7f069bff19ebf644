import { isLoopback, isLoopbackHost } from '../config/addresses.ts'
import type { Config } from '../config/config.ts'
import type { Link } from '../config/nats.ts'
import { limits } from '../core/limits.ts'
import { createAuthenticate } from './access/authenticate.ts'
import type { MachineToken } from './access/machineToken.ts'
import type { AdminDesk } from './adminDesk.ts'
import { createDispatch } from './adminDispatch.ts'
import { createGuard } from './adminGuard.ts'
import { adminRoutes } from './adminRoutes.ts'
import { type Addresses, type Admission, refusal } from './admission.ts'
import { anyEqual } from './carriers/constantTime.ts'
import { addFeed } from './feed.ts'
import type { Metrics } from './metrics.ts'
import type { Readiness } from './readiness.ts'
import type { Rights } from './rights.ts'
import { type Answer, type App, type Handler, type Request, route } from './uws.ts'

/** What monitors are told; every role has it. */
export type MonitorSetup = {
  readonly config: Config
  readonly metricsText: () => Promise<{ type: string; text: string }>
  readonly ready: () => Promise<Readiness>
  readonly broke: (error: Error) => void
}

/** What a gateway's own routes are made from. */
export type AdminSetup = MonitorSetup & {
  readonly link: Link
  readonly desk: AdminDesk
  readonly token: MachineToken
  readonly addresses: Addresses
  readonly admission: Admission
  readonly metrics: Metrics
  readonly rights: Rights
}

const json = (status: number, value: unknown): Answer => ({
  status,
  headers: [['content-type', 'application/json']],
  body: JSON.stringify(value),
})

/**
 * The admin listener: the routes of `adminRoutes.ts` behind one guard, the feed, and what monitors need. Away from loopback
 * there is only the last until there are keys; the machine's own token makes the first.
 */
export function addAdminRoutes(app: App, setup: AdminSetup): { stop(): void } {
  const { config, desk, link, metrics, rights, broke } = setup
  const isLocal = isLoopback(config.listen.admin)
  const { keys, tenants, ended, pseudonyms } = desk
  const authenticate = createAuthenticate({ ...setup, ...desk, isLocal })
  const guard = createGuard({ authenticate, tenants, ended, keys, isLocal })
  const refused = (code: string) => metrics.add('ringtrail_refused_total', [code])
  const dispatch = createDispatch({ routes: adminRoutes, guard, desk, refused })
  const tooSlow = () => metrics.add('ringtrail_feed_dropped_total', [])
  const feed = addFeed(app, { link, guard, pseudonyms, rights, tooSlow })
  route(app, '/v1/*', limits.adminBodyBytesMax, () => refusal('too-large'), dispatch, broke)
  addMonitorRoutes(app, setup)
  return feed
}

/**
 * `/metrics`, `/livez`, `/readyz`, and a refusal of everything else. What counts all tenants together is for monitors alone: a
 * tenant that may use this listener would learn from it how much others do.
 */
export function addMonitorRoutes(app: App, setup: MonitorSetup): void {
  add(app, setup, '/metrics', async request => {
    if (!isMonitor(setup, request)) return refusal('key-missing')
    const { type, text } = await setup.metricsText()
    return { status: 200, headers: [['content-type', type]], body: text }
  })
  add(app, setup, '/livez', () => json(200, { live: true }))
  add(app, setup, '/readyz', async request => {
    const { ready, detail } = await setup.ready()
    return json(ready ? 200 : 503, isMonitor(setup, request) ? { ready, ...detail } : { ready })
  })
  add(app, setup, '/*', () => refusal('not-found'))
}

/** Who shows the monitor key; where there is none, who is on this machine, and did not come through a proxy on it. */
function isMonitor({ config }: MonitorSetup, { headers }: Pick<Request, 'headers'>): boolean {
  const { monitorKey, listen } = config
  if (monitorKey === null)
    return isLoopback(listen.admin) && !headers.has('x-forwarded-for') && !headers.has('forwarded')
  const [, shown = ''] = /^bearer +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? []
  return anyEqual([shown], [monitorKey.reveal()])
}

/** On loopback nobody shows a key here, so a page of somebody's site must not get here through a name that it points here. */
function add(app: App, { config, broke }: MonitorSetup, pattern: string, handle: Handler): void {
  const local = isLoopback(config.listen.admin)
  const guarded: Handler = request =>
    local && !isLoopbackHost(request.headers.get('host') ?? '') ? refusal('foreign-host') : handle(request)
  route(app, pattern, limits.adminBodyBytesMax, () => refusal('too-large'), guarded, broke)
}
