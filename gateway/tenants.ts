import {
  type Config,
  type SiteConfig,
  type TenantConfig,
  policyVersion,
  tenantPolicy,
} from '../config/config.ts'
import { partitionOfTenant } from '../config/partitions.ts'
import type { TenantPolicy } from '../core/policy.ts'
import type { SiteView } from '../core/sources.ts'
import type { PhoneNumber } from '../core/words.ts'
import { siteView } from './siteView.ts'

/** What a gateway knows of the tenants: enough to admit, to choose a partition, and to route a call on its own. */
export type Tenant = {
  readonly id: string
  readonly config: TenantConfig
  readonly policy: TenantPolicy
  readonly version: string
  readonly partition: number
  /** B → C, for the moment when neither log nor worker answers. */
  readonly forwards: ReadonlyMap<PhoneNumber, PhoneNumber>
}

export type Site = {
  readonly key: string
  readonly tenant: Tenant
  readonly config: SiteConfig
  readonly heartbeatMs: number
  /** For classifying where its visits come from. */
  readonly view: SiteView
}

export type Tenants = {
  readonly all: readonly Tenant[]
  tenant(id: string): Tenant | undefined
  site(key: string): Site | undefined
  /** From now on the tenants that are known here are as this newer configuration says. */
  adopt(config: Config): void
}

const heartbeatMostMs = 30_000

export function createTenants(config: Config): Tenants {
  const { partitions } = config
  const all = config.tenants.map(tenant => tenantOf(tenant, partitions))
  const byId = new Map(all.map(tenant => [tenant.id, tenant]))
  let sites = sitesOf(all)
  return {
    all,
    tenant: id => byId.get(id),
    site: key => sites.get(key),
    adopt: newer => {
      // Who holds a tenant goes on with it: it is the same one, and says something else.
      for (const one of newer.tenants) Object.assign(byId.get(one.id) ?? {}, tenantOf(one, partitions))
      sites = sitesOf(all)
    },
  }
}

function sitesOf(all: readonly Tenant[]): Map<string, Site> {
  return new Map(
    all.flatMap(tenant => tenant.config.sites.map(site => [site.key, siteOf(tenant, site)] as const)),
  )
}

function tenantOf(config: TenantConfig, partitions: number): Tenant {
  const policy = tenantPolicy(config)
  return {
    id: policy.tenant,
    config,
    policy,
    version: policyVersion(policy),
    partition: partitionOfTenant(policy.tenant, 0, partitions),
    forwards: forwardsOf(policy),
  }
}

function forwardsOf(policy: TenantPolicy): Map<PhoneNumber, PhoneNumber> {
  const forwards = new Map<PhoneNumber, PhoneNumber>()
  for (const target of policy.targets) {
    const pools = [target, ...(target.segments ?? [])].map(one => one.pool)
    for (const pool of policy.pools) {
      if (!pools.includes(pool.id)) continue
      for (const number of pool.numbers) forwards.set(number, target.forward)
    }
  }
  for (const one of policy.statics) forwards.set(one.number, one.forward)
  return forwards
}

/** A third of the shortest idle timeout that this site's visits can have, at most 30 s. */
function siteOf(tenant: Tenant, config: SiteConfig): Site {
  const idle = tenant.policy.pools.map(pool => pool.idleTimeoutMs)
  const heartbeatMs = Math.max(
    100,
    Math.min(heartbeatMostMs, Math.floor(Math.min(heartbeatMostMs * 3, ...idle) / 3)),
  )
  return { key: config.key, tenant, config, heartbeatMs, view: siteView(config, tenant.config) }
}
