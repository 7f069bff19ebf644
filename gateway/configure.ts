import { setTimeout as wait } from 'node:timers/promises'
import type { Intake } from './intake.ts'
import type { Owners } from './owners.ts'
import type { Tenant, Tenants } from './tenants.ts'

const appliedWithinMs = 30_000
const askEveryMs = 20

/**
 * Compares the file's tenants with what their partitions apply, and appends a `configured` entry where they differ.
 * Resolves when every partition applies what the file says: only then may strangers come in.
 */
export async function configureTenants(tenants: Tenants, owners: Owners, intake: Intake): Promise<void> {
  await Promise.all(tenants.all.map(tenant => configureTenant(tenant, owners, intake)))
}

async function configureTenant(tenant: Tenant, owners: Owners, intake: Intake): Promise<void> {
  const until = Date.now() + appliedWithinMs
  let asked = false
  while (Date.now() < until) {
    const status = await owners.status(tenant.partition).catch(() => null)
    if (status?.stopped != null) return
    if (status?.policies[tenant.id] === tenant.version) return
    if (status !== null && !asked) {
      const { id, version, policy } = tenant
      intake.submit(
        'control',
        tenant.partition,
        { clear: { kind: 'configured', tenant: id, version, policy }, personal: null },
        {},
      )
      asked = true
    }
    await wait(askEveryMs)
  }
  throw new Error(
    `The partition of tenant ${tenant.id} did not apply its configuration within ${appliedWithinMs / 1_000} s.`,
  )
}
