import { policyVersion } from '../../config/config.ts'
import type { TenantPolicy } from '../../core/policy.ts'
import { policyOf } from '../../core/story.ts'
import { type LogMessage, logVersion } from '../../core/wire/log.ts'
import type { Input } from '../../core/input.ts'
import { type Chance, createChance } from '../load/chance.ts'
import type { Figures } from './figures.ts'
import { createGateway, type Gateway, type Part, type Sent } from './gateway.ts'
import type { InForce } from './model.ts'
import type { Owner } from './owner.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
export const startMs = Date.UTC(2026, 0, 1)

/** All parts that were sealed under one name, in the order of their sealing. */
export type Sealed = {
  readonly tenant: string
  readonly name: string
  readonly parts: Part[]
  /** So many at the front were found to be gone. */
  gone: number
}

/** What the run knows of what happened, apart from the product. */
export type World = {
  readonly chance: Chance
  readonly owner: Owner
  readonly tenants: readonly string[]
  readonly inForce: Map<string, InForce[]>
  /** What the gateway seals by: it hears of a change later than the log. */
  readonly atGateway: Map<string, TenantPolicy>
  readonly sealed: Map<string, Sealed>
  /** By what they are bound to. */
  readonly events: Map<string, readonly Part[]>
  readonly figures: Figures
  gateway: Gateway
  /** null: the gateway reaches the log. Else what waits in it, and until when. */
  cutOff: { readonly waiting: Sent[]; readonly untilMs: number } | null
  nowMs: number
  messages: number
}

export function createWorld(seed: number, owner: Owner, figures: Figures): World {
  const chance = createChance(seed)
  const world: World = {
    chance,
    owner,
    tenants: ['acme', 'bolt'].slice(0, 1 + chance.whole(2)),
    inForce: new Map(),
    atGateway: new Map(),
    sealed: new Map(),
    events: new Map(),
    figures,
    gateway: { send: () => Promise.reject(new Error('no gateway yet')) as never },
    cutOff: null,
    nowMs: startMs,
    messages: 0,
  }
  restartGateway(world)
  return world
}

/** It has other keys from now on. */
export function restartGateway(world: World): void {
  world.gateway = createGateway(world.chance, () => world.nowMs, world.owner.partition.keys.intake())
}

const fields = ['ipAddress', 'userAgent', 'url', 'a'] as const

/** From a day to ninety, and now and then a field that goes after an hour or more. */
export function drawPolicy(chance: Chance, tenant: string): TenantPolicy {
  const retentionMs = chance.happens(0.3)
    ? dayMs * (1 + chance.whole(90))
    : Math.floor(dayMs * (1 + 89 * chance.fraction()))
  const named = fields.filter(() => chance.happens(0.3))
  const own = named.map(field => [field, Math.floor(hourMs + chance.fraction() * (retentionMs - hourMs - 1))])
  const fieldRetentionMs = Object.fromEntries(own) as Record<string, number>
  const policy = { ...policyOf(3), tenant, retentionMs }
  return named.length === 0 ? policy : { ...policy, fieldRetentionMs }
}

export function configured({ tenant, ...policy }: TenantPolicy, counter: number): LogMessage {
  const whole = { tenant, ...policy }
  return message('apply', counter, {
    kind: 'configured',
    tenant,
    version: policyVersion(whole),
    policy: whole,
  })
}

export function message(producer: string, counter: number, clear: Input): LogMessage {
  const lane = clear.kind === 'pulse' ? 'pulse' : 'control'
  return { version: logVersion, producer, counter, lane, replyTo: '', events: [{ clear, personal: null }] }
}

/** The log has it: from now on it is somebody's to keep and to destroy. */
export function arrive(world: World, { parts }: Sent): void {
  for (const part of parts) {
    part.loggedAt = world.nowMs
    const key = `${part.tenant} ${part.name}`
    const known = world.sealed.get(key) ?? { tenant: part.tenant, name: part.name, parts: [], gone: 0 }
    world.sealed.set(key, known)
    known.parts.push(part)
  }
  world.events.set(parts[0]?.belongsTo ?? '', parts)
  world.figures.events += 1
  world.figures.parts += parts.length
}
