import type { Config } from '../config/config.ts'
import type { Link } from '../config/nats.ts'
import type { PartitionStatus } from '../core/wire/control.ts'
import type { Disks } from './disks.ts'
import type { Intake } from './intake.ts'
import type { Owners } from './owners.ts'
import { fullNow } from './room.ts'
import type { Tenants } from './tenants.ts'

/** `reachable`: traffic may be sent here. `ready`: all is as it should be. The detail is for the admin listener only. */
export type Readiness = { readonly ready: boolean; readonly reachable: boolean; readonly detail: object }

export type ReadinessSetup = {
  readonly config: Config
  readonly link: Link
  readonly owners: Owners
  readonly tenants: Tenants
  readonly disks: Disks
  readonly intake: Intake
  readonly isDraining: () => boolean
  /** Whether the partitions are in this process too. */
  readonly isAlone: boolean
  /** Why removed bytes may stay too long, as workers of this process know. */
  readonly erasureAtRisk: readonly string[]
}

/** Asks every partition how it is. */
export async function gatewayReadiness(setup: ReadinessSetup): Promise<Readiness> {
  const { config, link, owners, isDraining, isAlone } = setup
  const connected = link.isConnected()
  const draining = isDraining()
  const statuses = connected && !draining ? await owners.statuses(config.partitions) : []
  const stopped = statuses.flatMap(status =>
    status?.stopped == null ? [] : [{ partition: status.partition, reason: status.stopped }],
  )
  const behind = statuses.flatMap(status =>
    status === null || status.current || status.stopped !== null ? [] : [status.partition],
  )
  const notCommitting = failing(statuses.filter(status => status !== null))
  const missing = statuses.filter(status => status === null).length
  const ready = connected && !draining && missing === 0 && behind.length === 0 && stopped.length === 0
  // Partitions that are away are away for every gateway: taking them all out of service would strand the callers whom
  // each of them can still put through.
  const reachable = isAlone ? ready : connected && !draining
  return {
    ready,
    reachable,
    detail: {
      nats: connected,
      durability: config.nats.durability,
      draining,
      missingPartitions: missing,
      behind,
      stopped,
      notCommitting,
      erasureAtRisk: setup.erasureAtRisk,
      full: fullNow(setup.disks, setup.intake),
      otherConfiguration: differing(setup.tenants, statuses),
    },
  }
}

/** The tenants of our file of which another policy is in force. */
function differing(tenants: Tenants, statuses: readonly (PartitionStatus | null)[]): string[] {
  return tenants.all.flatMap(tenant => {
    const inForce = statuses[tenant.partition]?.policies[tenant.id]
    return inForce === undefined || inForce === tenant.version ? [] : [tenant.id]
  })
}

/** The partitions whose commits do not come through: nothing is lost while the log has the entries. */
function failing(all: readonly { partition: number; failedCommits: number }[]): number[] {
  return all.filter(({ failedCommits }) => failedCommits > 0).map(({ partition }) => partition)
}

type Standing = {
  readonly partition: number
  readonly current: boolean
  readonly stopped: string | null
  readonly failedCommits: number
}

/** How a process without a gateway is: it knows its partitions itself. */
export function workerReadiness(
  link: Link,
  owned: number,
  standing: readonly Standing[],
  draining: boolean,
  erasureAtRisk: readonly string[],
): Readiness {
  const stopped = standing.flatMap(({ partition, stopped: reason }) =>
    reason === null ? [] : [{ partition, reason }],
  )
  const behind = standing.flatMap(({ partition, current, stopped: reason }) =>
    current || reason !== null ? [] : [partition],
  )
  const missing = owned - standing.length
  const connected = link.isConnected()
  const ready = connected && !draining && missing === 0 && stopped.length === 0 && behind.length === 0
  return {
    ready,
    reachable: ready,
    detail: {
      nats: connected,
      draining,
      partitions: owned,
      missingPartitions: missing,
      behind,
      stopped,
      notCommitting: failing(standing),
      erasureAtRisk,
    },
  }
}
