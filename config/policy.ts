import { createHash } from 'node:crypto'
import type { TenantPolicy } from '../core/policy.ts'
import { callPolicy } from './callSettings.ts'
import type { TenantConfig } from './types.ts'

/** The part of a tenant's configuration that travels in `configured` entries and decides outcomes: no secret, no origin. */
export function tenantPolicy(tenant: TenantConfig): TenantPolicy {
  const { id, retentionMs, fieldRetentionMs, latenessMs, consent, defaultForward } = tenant
  const { sites, targets, pools, statics, calls } = tenant
  const { gpc, tcf, onWithdrawal, channels } = tenant
  return {
    tenant: id,
    retentionMs,
    // Left out where no field has its own, as before there were any: the version of such a policy stays what it was.
    ...(Object.keys(fieldRetentionMs).length > 0 && { fieldRetentionMs }),
    latenessMs,
    ...{ consent, gpc, tcf, onWithdrawal },
    // Left out where there are none, for the same reason.
    ...(channels.length > 0 && { channels }),
    defaultForward,
    sites: sites.map(site => ({ key: site.key, targets: site.targets })),
    targets,
    pools,
    statics,
    calls: callPolicy(calls),
  }
}

/** Equal for equal policies, whatever the order of their keys: 16 bytes of SHA-256 over canonical JSON, base64url. */
export function policyVersion(policy: TenantPolicy): string {
  return createHash('sha256').update(canonicalJson(policy)).digest().subarray(0, 16).toString('base64url')
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
}
