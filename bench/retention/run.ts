import type { TenantPolicy } from '../../core/policy.ts'
import type { Kept } from '../../workers/retention.ts'
import { checkAll, checkBoundary, Departed } from './check.ts'
import { type Figures, noFigures } from './figures.ts'
import { openOwner } from './owner.ts'
import { checkRecords } from './records.ts'
import {
  arrive,
  configured,
  createWorld,
  dayMs,
  drawPolicy,
  hourMs,
  message,
  restartGateway,
  startMs,
  type World,
} from './world.ts'

export type RunSetup = {
  readonly seed: number
  readonly days: number
  /** How many events a tenant has in an hour, on average. */
  readonly perHour: number
  /** A new and empty folder for the stores. */
  readonly directory: string
  readonly tamper?: (kept: Kept) => Kept
}

export type Ran = { readonly figures: Figures; readonly departed: string | null }

/** So many days of one partition, as fast as its disk allows. The same seed tells the same story. */
export async function run({ seed, days, perHour, directory, tamper }: RunSetup): Promise<Ran> {
  const figures = noFigures()
  const owner = await openOwner({ directory, tamper: counting(figures, tamper) })
  const world = createWorld(seed, owner, figures)
  try {
    for (const tenant of world.tenants) await change(world, drawPolicy(world.chance, tenant))
    for (let hour = 0; hour < days * 24; hour++) {
      if (hour % 24 === 0) await atMidnight(world)
      await liveAnHour(world, startMs + hour * hourMs, perHour)
      if (hour % 24 === 0) figures.days += 1
    }
    await advance(world, startMs + days * dayMs + 2 * hourMs)
    await tick(world, world.nowMs)
    checkAll(world)
    checkRecords(world)
    return { figures, departed: null }
  } catch (error) {
    if (!(error instanceof Departed)) throw error
    return { figures, departed: error.message }
  } finally {
    await owner.close()
  }
}

/** What was really destroyed and removed, to hold the records against. */
function counting(figures: Figures, tamper: RunSetup['tamper'] = kept => kept) {
  return (kept: Kept): Kept => {
    const { state, store, keys } = kept
    const counted: Kept = {
      state,
      keys: {
        ...keys,
        destroyPeriods: async isOver => {
          const result = await keys.destroyPeriods(isOver)
          figures.periodKeysDestroyed += result.destroyed.length
          return result
        },
        destroyPeriodsOf: async ids => {
          const destroyed = await keys.destroyPeriodsOf(ids)
          figures.periodKeysDestroyed += destroyed
          return destroyed
        },
        destroyAged: async isOver => {
          const aged = await keys.destroyAged(isOver)
          for (const count of aged.values()) figures.subjectKeysDestroyed += count
          return aged
        },
      },
      store: {
        ...store,
        forgetHistory: async (...wanted) => {
          const removed = await store.forgetHistory(...wanted)
          figures.rowsRemoved += removed
          return removed
        },
        replace: async rows => {
          figures.sealedAnew += rows.length
          return store.replace(rows)
        },
      },
    }
    return tamper(counted)
  }
}

const fullCheckEveryDays = 10

async function atMidnight(world: World): Promise<void> {
  const { chance, owner, figures } = world
  if (chance.happens(0.05)) {
    await owner.restart()
    await owner.round(world.nowMs)
    figures.ownerRestarts += 1
  }
  if (chance.happens(0.1)) {
    restartGateway(world)
    figures.gatewayRestarts += 1
  }
  if (world.figures.days % fullCheckEveryDays === 0) checkAll(world)
}

type Happening = { readonly atMs: number; happen(): Promise<void> }

async function liveAnHour(world: World, fromMs: number, perHour: number): Promise<void> {
  const { chance } = world
  const plan: Happening[] = []
  const some = () => fromMs + chance.whole(hourMs)
  for (const tenant of world.tenants) {
    const count = Math.floor(perHour) + (chance.happens(perHour % 1) ? 1 : 0)
    for (let event = 0; event < count; event++)
      plan.push({ atMs: some(), happen: () => traffic(world, tenant) })
    if (chance.happens(1 / (24 * 9)))
      plan.push({ atMs: some(), happen: () => change(world, drawPolicy(chance, tenant)) })
    const policy = world.inForce.get(tenant)?.at(-1)?.policy
    if (policy !== undefined && policy !== world.atGateway.get(tenant) && chance.happens(0.7))
      plan.push({ atMs: some(), happen: async () => void world.atGateway.set(tenant, policy) })
  }
  if (chance.happens(0.1)) plan.push({ atMs: some(), happen: () => tick(world, world.nowMs) })
  if (chance.happens(1 / (24 * 15))) plan.push({ atMs: some(), happen: async () => cutOff(world) })
  for (const { atMs, happen } of plan.sort((one, other) => one.atMs - other.atMs)) {
    await advance(world, atMs)
    await happen()
  }
}

/** Time goes on without traffic: only when something is due does a pulse move it, and what follows is looked at. */
async function advance(world: World, toMs: number): Promise<void> {
  const { chance, owner } = world
  for (;;) {
    const due = owner.partition.retentionDueAt
    const ends = world.cutOff?.untilMs ?? Number.POSITIVE_INFINITY
    if (ends < toMs && (due === null || ends <= due)) {
      world.nowMs = Math.max(world.nowMs, ends)
      await reconnect(world)
      continue
    }
    if (due === null || due > toMs || due < world.nowMs) break
    if (chance.happens(0.25) && due - 1 > world.nowMs) await tick(world, due - 1)
    // The clock says so fifty milliseconds later, and the round comes within a second.
    await tick(world, due + 50 + chance.whole(1_000))
  }
  world.nowMs = Math.max(world.nowMs, toMs)
}

/** The log's time moves to here, the owner does its round, and everything has to be as the model says. */
async function tick(world: World, atMs: number): Promise<void> {
  world.nowMs = Math.max(world.nowMs, atMs)
  world.messages += 1
  await world.owner.hear(message('worker|pulse', world.messages, { kind: 'pulse' }), world.nowMs)
  await world.owner.round(world.nowMs)
  checkBoundary(world)
}

async function traffic(world: World, tenant: string): Promise<void> {
  const policy = world.atGateway.get(tenant)
  if (policy === undefined) return
  const sent = world.gateway.send(policy)
  if (world.cutOff !== null) return void world.cutOff.waiting.push(sent)
  world.nowMs += world.chance.whole(2_000)
  await world.owner.hear(sent.message, world.nowMs)
  arrive(world, sent)
  await world.owner.round(world.nowMs)
}

async function change(world: World, policy: TenantPolicy): Promise<void> {
  const { tenant } = policy
  const before = world.inForce.get(tenant)?.at(-1)?.policy
  world.messages += 1
  await world.owner.hear(configured(policy, world.messages), world.nowMs)
  const known = world.inForce.get(tenant) ?? []
  world.inForce.set(tenant, [...known, { fromMs: world.nowMs, policy }])
  if (before === undefined) world.atGateway.set(tenant, policy)
  else if (policy.retentionMs < before.retentionMs) world.figures.shorter += 1
  else world.figures.longer += 1
  await world.owner.round(world.nowMs)
  checkBoundary(world)
}

/** The gateway does not reach the log for up to three hours, and keeps what it takes. */
function cutOff(world: World): void {
  if (world.cutOff !== null) return
  world.figures.cutOffs += 1
  world.cutOff = { waiting: [], untilMs: world.nowMs + world.chance.whole(3 * hourMs) }
}

async function reconnect(world: World): Promise<void> {
  const waiting = world.cutOff?.waiting ?? []
  world.cutOff = null
  for (const sent of waiting) {
    await world.owner.hear(sent.message, world.nowMs)
    arrive(world, sent)
  }
  await world.owner.round(world.nowMs)
}
