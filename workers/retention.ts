import { keptForMs } from '../core/keptFor.ts'
import { limits } from '../core/limits.ts'
import type { TenantPolicy } from '../core/policy.ts'
import { policiesOf, type State } from '../core/state.ts'
import type { KeyStore } from './keys/keyStore.ts'
import { expireFields, type FieldExpiry, fieldsDueAt } from './fieldExpiry.ts'
import { createNoting } from './noting.ts'
import { isCurrent, type Partition } from './partition.ts'
import type { RetentionDay } from './retentionDays.ts'
import { dayNote, dayOf, nextDayAt } from './retentionNotes.ts'
import { repeat } from './rounds.ts'
import type { Store } from './store.ts'

const everyMs = 1_000
/** A record that was not heard by then is said again. It counts once, however often it is said. */
const sayAgainMs = 30_000
const saidPerRoundMax = 64

/** What retention works on. */
export type Kept = { readonly state: State; readonly store: Store; readonly keys: KeyStore }

/** Removes what was kept of events whose retention is over, by log time, a bounded page at a time. */
export function startRetention(partition: Partition, producer: string): () => Promise<void> {
  const say = createSaying(partition, producer)
  const expiry: FieldExpiry = { sweep: null }
  return repeat(
    async () => {
      if (partition.stopped !== null) return
      const destroyed = await applyRetention(partition)
      const ofFields = await partition.rewriting(() => expireFields(partition, expiry))
      partition.counts.add('ringtrail_period_keys_destroyed_total', [], destroyed + ofFields)
      partition.retentionDueAt = nextRetentionAt(partition)
      if (isCurrent(partition)) say(partition.store.retentionDays(), Date.now())
    },
    everyMs,
    () => partition.counts.add('ringtrail_commit_failures_total', []),
  )
}

/** One round: what is due leaves the history, and its keys end. Says how many keys of periods. */
export async function applyRetention({ state, store, keys }: Kept): Promise<number> {
  await openDays(state, store)
  const day = dayOf(state.now)
  await forgetExpired(state, store)
  const periods = await destroyExpired(state, keys)
  const people = await destroyUnseen(state, keys)
  for (const tenant of new Set([...periods.keys(), ...people.keys()])) {
    const [periodKeys, subjectKeys] = [periods.get(tenant) ?? 0, people.get(tenant) ?? 0]
    await store.countKeys({ tenant, day }, { periodKeys, subjectKeys })
  }
  return [...periods.values()].reduce((sum, count) => sum + count, 0)
}

const none = { rows: 0, periodKeys: 0, subjectKeys: 0 } as const

/** Every tenant has a row for today, and for each day since the last one: time may have gone past a day in which nobody was at work. */
async function openDays(state: State, store: Store): Promise<void> {
  const today = dayOf(state.now)
  // In the order of their days.
  const lastDays = new Map(store.retentionDays().map(row => [row.tenant, row]))
  const rows: RetentionDay[] = []
  for (const { tenant, retentionMs } of policiesOf(state)) {
    const last = lastDays.get(tenant)
    if (last?.day === today && last.retentionMs === retentionMs) continue
    for (let day = (last?.day ?? today) + 1; day < today; day++)
      rows.push({ tenant, day, retentionMs, ...none, ran: false })
    const counts = last?.day === today ? last : none
    rows.push({ ...counts, tenant, day: today, retentionMs, ran: true })
  }
  await store.putRetentionDays(rows)
}

/** One page of each kind. Whose an entry is that was set aside cannot be known: it stays as long as any tenant's data may. */
export async function forgetExpired(state: State, store: Store): Promise<void> {
  const policies = policiesOf(state)
  const day = dayOf(state.now)
  for (const { tenant, retentionMs } of policies) {
    const before = state.now - retentionMs
    if (before > 0) await store.forgetHistory(tenant, before, limits.forgetPerPulseMax, day)
  }
  const longest = Math.max(...policies.map(policy => policy.retentionMs))
  const before = state.now - (policies.length === 0 ? limits.asideRetentionMs : longest)
  if (before > 0) await store.forgetAsides(before, limits.forgetPerPulseMax)
}

/** For how long what a period's key seals is kept: all of it (`retention`), or one field that goes earlier. */
function lifetimeMs(policy: TenantPolicy | undefined, name: string): number {
  // A tenant without a policy has left, or never came: what was sealed for it is refused, and its keys open nothing.
  return policy === undefined ? limits.asideRetentionMs : keptForMs(policy, name)
}

/**
 * Destroys the keys of every stretch of time whose data has been kept for its lifetime, as the policy is now; from then on
 * no copy of it, in the log or in a backup, can be opened. Says how many, by tenant.
 */
export async function destroyExpired(
  state: State,
  keys: Pick<KeyStore, 'destroyPeriods'>,
): Promise<Map<string, number>> {
  const policies = policiesByTenant(state)
  const { destroyed } = await keys.destroyPeriods(
    ({ tenant, name, untilMs }) => untilMs + lifetimeMs(policies.get(tenant), name) <= state.now,
  )
  const byTenant = new Map<string, number>()
  for (const { tenant } of destroyed) byTenant.set(tenant, (byTenant.get(tenant) ?? 0) + 1)
  return byTenant
}

/** Destroys the keys of people when all that can have been sealed under them is due, with their names. Says how many, by tenant. */
async function destroyUnseen(
  state: State,
  keys: Pick<KeyStore, 'destroyAged'>,
): Promise<Map<string, number>> {
  const policies = policiesByTenant(state)
  return keys.destroyAged(
    ({ tenant, untilMs }) => untilMs + lifetimeMs(policies.get(tenant), 'retention') <= state.now,
  )
}

/**
 * The earliest log time at which retention has something to do: keys are due, or a day is over of which a record is made.
 * Time has to move then, although nothing else happens. null: never.
 */
export function nextRetentionAt({ state, keys }: Pick<Kept, 'state' | 'keys'>): number | null {
  const policies = policiesByTenant(state)
  let earliest: number | null = policies.size === 0 ? null : nextDayAt(state.now)
  const dueAt = (atMs: number) => {
    if (earliest === null || atMs < earliest) earliest = atMs
  }
  const due = (tenant: string, name: string, untilMs: number) =>
    dueAt(untilMs + lifetimeMs(policies.get(tenant), name))
  for (const period of keys.nextPeriods()) {
    const { tenant, name, untilMs } = period
    due(tenant, name, untilMs)
    const fieldsAt = fieldsDueAt(policies.get(tenant) ?? null, period)
    if (fieldsAt !== null) dueAt(fieldsAt)
  }
  for (const { tenant, untilMs } of keys.nextBlocks()) due(tenant, 'retention', untilMs)
  return earliest
}

function policiesByTenant(state: State): Map<string, TenantPolicy> {
  return new Map(policiesOf(state).map(policy => [policy.tenant, policy]))
}

/**
 * Says for the audit chain what was done on the days that are over. Each record has a producer of its own, named after what
 * it speaks of: however often it is said, and by however many owners, the log counts it once. Its row is forgotten when it is heard.
 */
export function createSaying(partition: Partition, producer: string) {
  const note = createNoting(partition, producer)
  const saidAt = new Map<string, number>()
  return (days: readonly RetentionDay[], nowMs: number) => {
    const over = days.filter(({ day }) => day < dayOf(partition.state.now))
    const names = new Set(over.map(nameOf))
    for (const name of saidAt.keys()) if (!names.has(name)) saidAt.delete(name)
    const due = over.filter(one => nowMs - (saidAt.get(nameOf(one)) ?? 0) >= sayAgainMs)
    for (const one of due.slice(0, saidPerRoundMax)) {
      saidAt.set(nameOf(one), nowMs)
      note(one.tenant, dayNote(one), nameOf(one))
    }
  }
}

const nameOf = ({ tenant, day }: RetentionDay) => `retention|${tenant}|${day}`
