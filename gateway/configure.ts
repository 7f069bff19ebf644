import { type Note, noteForm } from '../core/wire/note.ts'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '../config/logger.ts'
import { hasEnded } from './contract/endedTenants.ts'
import type { Intake } from './intake.ts'
import type { Owners } from './owners.ts'
import type { Tenant, Tenants } from './tenants.ts'

/**
 * How the tenants of a configuration file come to their partitions: as `configured` entries. `start` and `apply` put
 * the file in force. A gateway in its own role only introduces tenants that their partition does not have: of several
 * gateways with different files none could know which file is the newer, and each would take back what the other said.
 */
export type Desk = { readonly tenants: Tenants; readonly owners: Owners; readonly intake: Intake }

/**
 * What became of one tenant. `changed`: our entry was applied, whatever came after it; `new`: and its partition had no tenant
 * of that id before. `ended`: its contract ended, and it is left out. `too long`: no message of this nats-server takes its policy.
 */
export type Configured =
  | 'in force'
  | 'changed'
  | 'new'
  | 'differs'
  | 'ended'
  | 'stopped'
  | 'no answer'
  | 'too long'

/** Whether the partition applies what the file says. */
export function isInForce(became: Configured | undefined): boolean {
  return became === 'in force' || became === 'changed' || became === 'new'
}

const movesWithinMs = 30_000
const introducedWithinMs = 5_000
const askEveryMsMin = 20
const askEveryMsMax = 1_000

/** How long one is ready to wait. `moved`: the partition applied something since it was asked last. */
type Patience = { goesOn(): boolean; moved(): void }

/**
 * Compares the file's tenants with what their partitions apply, and appends a `configured` entry where they differ. Says what
 * became of each. A partition that has much of the log to catch up with is waited for as long as it moves.
 */
export async function applyTenants(
  desk: Desk,
  { by = bySystem, again }: { readonly by?: By; readonly again: Again },
): Promise<ReadonlyMap<string, Configured>> {
  const change = { mayChange: () => true, again, by }
  const became = desk.tenants.all.map(
    async tenant => [tenant.id, await configure(desk, tenant, change, whileItMoves())] as const,
  )
  return new Map(await Promise.all(became))
}

/** The same at a start: resolves when every partition has applied what the file says. Only then may strangers come in. */
export async function configureTenants(desk: Desk): Promise<void> {
  const became = await applyTenants(desk, { again: 'every' })
  for (const tenant of desk.tenants.all) {
    if (became.get(tenant.id) === 'no answer') throw new Error(sayNoAnswer(tenant))
    if (became.get(tenant.id) === 'too long') throw new Error(sayTooLong(tenant))
  }
}

function whileItMoves(): Patience {
  let until = Date.now() + movesWithinMs
  return {
    goesOn: () => Date.now() < until,
    moved: () => {
      until = Date.now() + movesWithinMs
    },
  }
}

function sayNoAnswer(tenant: Tenant): string {
  return `The partition of tenant ${tenant.id} did not apply its configuration within ${movesWithinMs / 1_000} s: is a worker that owns partition ${tenant.partition} running?`
}

function sayTooLong(tenant: Tenant): string {
  return `The policy of tenant ${tenant.id} is longer than a message of this nats-server may be: raise max_payload there (8MB holds 400,000 numbers), or give the tenant fewer numbers.`
}

/**
 * Introduces tenants where their partitions have none of that id, and says in the log which of them have another
 * policy in force than this file's. Resolves when all is clear or after a few seconds, and goes on until it is
 * stopped: callers are put through even where no worker answers.
 */
export async function introduceTenants(desk: Desk, logger: Logger): Promise<{ stop(): void }> {
  let stopped = false
  const all = desk.tenants.all.map(async tenant => {
    const unknown = (inForce: string | undefined) => inForce === undefined
    const patience = { goesOn: () => !stopped, moved: () => undefined }
    const configured = await configure(
      desk,
      tenant,
      { mayChange: unknown, again: 'every', by: bySystem } as const,
      patience,
    )
    if (configured === 'too long') throw new Error(sayTooLong(tenant))
    if (configured === 'differs') logger.warn({ tenant: tenant.id }, 'other_configuration_in_force')
    return configured
  })
  const late = Symbol('late')
  const first = await Promise.race([Promise.all(all), wait(introducedWithinMs, late, { ref: false })])
  if (first === late) logger.warn('no_worker_answers')
  return {
    stop: () => {
      stopped = true
    },
  }
}

/** Who changes it, for the audit record. */
export type By = Pick<Note, 'actor' | 'role'>
const bySystem: By = { actor: 'system', role: 'system' }

/** For the history of configurations: which version followed which, and for how long data is kept under it. */
function noteOf(by: By, { version, policy }: Tenant, before: string | undefined): Note {
  const { retentionMs, consent } = policy
  return {
    form: noteForm,
    ...{ ...by, action: 'configured', subjects: [], request: null, purpose: null },
    counts: { sites: policy.sites.length, pools: policy.pools.length },
    detail: { version, before: before ?? null, retentionMs, consent },
  }
}

/** Which tenants may be introduced anew although their contract ended: who forgot that one is in the file has not said so. */
export type Again = 'every' | readonly string[]

type Change = {
  readonly mayChange: (inForce: string | undefined) => boolean
  readonly again: Again
  readonly by: By
}

/** Asks until the tenant's partition answers, and appends our policy if it has another and that may be changed. */
async function configure(
  { owners, intake }: Desk,
  tenant: Tenant,
  { mayChange, again, by }: Change,
  patience: Patience,
): Promise<Configured> {
  const { id, version, policy, partition } = tenant
  let appliedUpTo = 0
  let applied = false
  let asked: 'changed' | 'new' | null = null
  for (let pause = askEveryMsMin; patience.goesOn(); pause = Math.min(pause * 1.5, askEveryMsMax)) {
    const status = await owners.status(partition).catch(() => null)
    if (status?.stopped != null) return 'stopped'
    if (applied) return asked ?? 'changed'
    if (status !== null && status.applied > appliedUpTo) patience.moved()
    appliedUpTo = status?.applied ?? appliedUpTo
    if (status?.current === true) {
      const inForce = status.policies[id]
      if (inForce === version) return asked ?? 'in force'
      if (asked === null && !mayChange(inForce)) return 'differs'
      const isEnded = asked === null && inForce === undefined && (await isLeftOut(owners, tenant, again))
      if (isEnded === true) return 'ended'
      if (asked === null && isEnded === false) {
        asked = inForce === undefined ? 'new' : 'changed'
        const clear = { kind: 'configured', tenant: id, version, policy } as const
        const event = { clear, personal: null, note: noteOf(by, tenant, inForce) }
        if (!intake.fits(event)) return 'too long'
        intake.submit('control', partition, event, { replied: () => (applied = true) })
      }
    }
    await wait(pause)
  }
  return 'no answer'
}

/** null: the owner does not answer. */
async function isLeftOut(
  owners: Owners,
  { id: tenant, partition }: Tenant,
  again: Again,
): Promise<boolean | null> {
  if (again === 'every' || again.includes(tenant)) return false
  return hasEnded(owners, { tenant, partition }).catch(() => null)
}
