import type { Config } from '../config/config.ts'
import { limits } from '../core/limits.ts'
import { refusal } from './admission.ts'
import { type DemoFacts, loadPages, servePage } from './pages/pages.ts'
import { type App, type Handler, route } from './uws.ts'

/** The snippet, and the demo site where the configuration is the demo's. */
export function addPages(app: App, config: Config, broke: (error: Error) => void): void {
  const pages = loadPages(demoFacts(config))
  const handle: Handler = request => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusal('method-not-allowed')
    return servePage(pages, request) ?? refusal('not-found')
  }
  const paths = ['/v1/snippet.js', `/v1/snippet.${pages.snippet.hash}.js`, '/', '/demo', '/demo/*']
  for (const path of paths) route(app, path, limits.bodyBytesMax, () => refusal('too-large'), handle, broke)
}

/** The demo's pages show the first site of the first tenant, and the line that rings its number. */
function demoFacts({ demo, tenants }: Config): DemoFacts | null {
  const tenant = demo ? tenants[0] : undefined
  const site = tenant?.sites[0]
  if (tenant === undefined || site === undefined) return null
  return { site: site.key, tenant: tenant.id, bearer: tenant.carriers.generic?.bearers[0]?.reveal() ?? '' }
}
