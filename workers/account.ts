import type { AccountReply, AccountRequest, KeyInventory } from '../core/wire/account.ts'
import { createBreachJobs } from './breachJobs.ts'
import { breachesOf } from './breachRows.ts'
import { certificateOf } from './certificate.ts'
import type { Partition } from './partition.ts'
import { lastPackageOf } from './returnFolder.ts'
import { createReturns } from './tenantReturn.ts'

/** Answers what somebody has to give account of. */
export function createAccount(partition: Partition) {
  const counting = createBreachJobs(partition)
  const returning = createReturns(partition)
  return (request: AccountRequest, current: boolean): AccountReply => {
    switch (request.kind) {
      case 'key-inventory':
        return { kind: 'key-inventory', current, keys: inventoryOf(partition, request.tenant) }
      case 'breach-count':
        return counting(request, current)
      case 'tenant-return':
        return { kind: 'tenant-return', current, ...returning(request) }
      case 'last-return':
        return { kind: 'last-return', current, done: lastPackageOf(partition.returnsDir, request.tenant) }
      case 'certificate': {
        const certificate = certificateOf(partition, request, Date.now())
        return { kind: 'certificate', current, certificate }
      }
      case 'ended-tenants':
        return { kind: 'ended-tenants', current, tenants: endedOf(partition, request.only) }
      case 'breaches':
        return { kind: 'breaches', current, breaches: breachesOf(partition.breaches, request.tenant) }
    }
  }
}

function inventoryOf({ keys }: Pick<Partition, 'keys'>, tenant: string): KeyInventory {
  const { tenants } = keys.inventory()
  return tenants.get(tenant) ?? { subjectKeys: 0, periodKeys: 0, oldestPeriodUntilMs: null }
}

function endedOf({ state }: Pick<Partition, 'state'>, only: string | null): string[] {
  const { ended } = state.tables
  if (only !== null) return ended.has(only) ? [only] : []
  return [...ended.entries()].map(([tenant]) => tenant)
}

const kinds: Readonly<Record<AccountRequest['kind'], true>> = {
  'key-inventory': true,
  'breach-count': true,
  breaches: true,
  'tenant-return': true,
  'last-return': true,
  certificate: true,
  'ended-tenants': true,
}

export function isAccount(request: { readonly kind: string }): request is AccountRequest {
  return request.kind in kinds
}
