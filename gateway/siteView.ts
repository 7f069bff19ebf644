import type { SiteConfig, TenantConfig } from '../config/config.ts'
import { hostOf, type SiteView } from '../core/sources.ts'
import { domainOf } from './domains.ts'

/** What classifying the visits of a site needs to know of it: the domains of its origins are its own. */
export function siteView(
  { origins, ignoreReferrers }: Pick<SiteConfig, 'origins' | 'ignoreReferrers'>,
  { channels }: Pick<TenantConfig, 'channels'>,
): SiteView {
  const hosts = origins.flatMap(origin => hostOf(origin) ?? [])
  const domains = [...new Set(hosts.map(host => domainOf(host) ?? host))]
  return { domains, ignored: ignoreReferrers, domainOf, channels }
}
