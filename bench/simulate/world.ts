import type { PoolPolicy, Segments, Source, TargetPolicy, TenantPolicy } from '../../core/policy.ts'
import type { PhoneNumber } from '../../core/words.ts'
import type { Chance } from '../load/chance.ts'
import { type Bounds, boundsOfTheRules } from './oracle/facts.ts'

/** The tenants of a story, their policies and how these change: tiny pools, short and odd durations. */

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** All tenants draw from the same numbers: what is one's is never another's. */
const pooled = Array.from({ length: 7 }, (_, index) => `+457000000${index}` as PhoneNumber)
const fixed = Array.from({ length: 3 }, (_, index) => `+457011110${index}` as PhoneNumber)
const forwards = Array.from({ length: 4 }, (_, index) => `+457822220${index}` as PhoneNumber)
export const unknownNumbers = ['+4599999990', '+4599999991'] as readonly string[] as readonly PhoneNumber[]
export const everyNumber = [...pooled, ...fixed]

export const siteKeys = ['pk_one', 'pk_two']
const targetIds = ['sales', 'help', 'press']
const poolIds = ['first', 'second', 'third']
const segmentIds = ['brand', 'promo']

const durations = {
  idle: [30 * second, minute, 5 * minute, 10 * minute],
  tail: [0, minute, 5 * minute, 20 * minute, 40 * minute],
  coolDown: [0, minute, 10 * minute, 30 * minute, 80 * minute],
  sticky: [0, 5 * minute, hour, day],
  minHold: [30 * second, 5 * minute, hour, 3 * hour],
  maxHold: [30 * second, 2 * minute, 10 * minute, hour],
  retention: [2 * hour, day, 3 * day, 60 * day],
  lateness: [10 * minute, hour, day],
  lookBack: [10 * minute, 2 * hour, 30 * day],
  qualifiedAfter: [0, 30 * second],
  shortUnder: [0, 5 * second, 10 * second],
  duplicateWithin: [0, 10 * minute, 2 * hour],
  paths: [minute, hour, 30 * day],
} as const

const words = ['google', 'bing', 'print', 'newsletter', '(direct)', '(direct)']

export function drawSource(chance: Chance): Source {
  const source = chance.pick(words)
  const campaign = chance.happens(0.5) ? chance.pick(['spring', 'autumn']) : null
  return {
    source,
    medium: chance.pick(
      source === '(direct)' ? ['(none)', '(none)', 'email'] : ['cpc', 'organic', 'offline'],
    ),
    campaign,
    content: null,
    keyword: null,
  }
}

function some<Item>(chance: Chance, items: readonly Item[], share: number): Item[] {
  return items.filter(() => chance.happens(share))
}

function drawPool(chance: Chance, id: string): PoolPolicy {
  const numbers = chance.shuffled(pooled).slice(0, 1 + chance.whole(3))
  const minHoldMs = chance.happens(0.3) ? chance.pick(durations.minHold) : undefined
  const maxHoldMs = chance.happens(0.3) ? chance.pick(durations.maxHold) : undefined
  return {
    id,
    numbers,
    idleTimeoutMs: chance.pick(durations.idle),
    tailMs: chance.pick(durations.tail),
    coolDownMs: chance.pick(durations.coolDown),
    stickyMs: chance.pick(durations.sticky),
    overflow: chance.pick(['share', 'share', 'fallback']),
    ...(minHoldMs !== undefined && { minHoldMs }),
    ...(maxHoldMs !== undefined && { maxHoldMs }),
  }
}

function drawTarget(chance: Chance, id: string, place: number): TargetPolicy {
  return {
    id,
    replace: forwards[place] as PhoneNumber,
    forward: chance.pick(forwards),
    // Now and then without a pool, or with one that already serves another target.
    pool: chance.happens(0.85)
      ? place < 2
        ? (poolIds[place] as string)
        : chance.pick([...poolIds, null])
      : null,
    static: chance.happens(0.5) ? chance.pick(fixed) : null,
    ...drawSegments(chance),
  }
}

/** Now and then a segment without a pool, or with one that serves another target. */
function drawSegments(chance: Chance): Pick<TargetPolicy, 'segments'> {
  if (chance.happens(0.6)) return {}
  const ids = some(chance, segmentIds, 0.7)
  return { segments: ids.map(id => ({ id, when: {}, pool: chance.pick([...poolIds, ...poolIds, null]) })) }
}

/** Which segments a visit is of: mostly some that are there. */
export function namedSegments(chance: Chance): { segments?: Segments } {
  if (chance.happens(0.6)) return {}
  const named = some(chance, targetIds, 0.6).map(id => [id, chance.pick([...segmentIds, 'gone'])] as const)
  return { segments: Object.fromEntries(named) }
}

export function drawPolicy(chance: Chance, tenant: string): TenantPolicy {
  return {
    tenant,
    retentionMs: chance.pick(durations.retention),
    latenessMs: chance.pick(durations.lateness),
    consent: 'assumed',
    defaultForward: chance.happens(0.5) ? chance.pick(forwards) : null,
    sites: siteKeys.map((key, place) => ({
      key,
      targets: place === 0 ? targetIds : some(chance, targetIds, 0.6),
    })),
    targets: targetIds.map((id, place) => drawTarget(chance, id, place)),
    pools: poolIds.map(id => drawPool(chance, id)),
    statics: drawStatics(chance),
    calls: {
      qualifiedAfterMs: chance.pick(durations.qualifiedAfter),
      returningLookBackMs: chance.pick(durations.lookBack),
      // What is left out is as the rules say.
      ...(chance.happens(0.5) && { shortUnderMs: chance.pick(durations.shortUnder) }),
      ...(chance.happens(0.5) && { duplicateWithinMs: chance.pick(durations.duplicateWithin) }),
      ...(chance.happens(0.5) && { lookBackMs: chance.pick(durations.paths) }),
      ...(chance.happens(0.5) && { lookBackTouches: 1 + chance.whole(3) }),
    },
  }
}

function drawStatics(chance: Chance): TenantPolicy['statics'] {
  const numbers = [...some(chance, fixed, 0.7), ...(chance.happens(0.1) ? [chance.pick(pooled)] : [])]
  return numbers.map(number => ({ number, forward: chance.pick(forwards), source: drawSource(chance) }))
}

/** The same policy with one thing changed. */
export function changePolicy(chance: Chance, policy: TenantPolicy): TenantPolicy {
  const drawn = drawPolicy(chance, policy.tenant)
  const place = chance.whole(poolIds.length)
  const swap = (change: (pool: PoolPolicy, other: PoolPolicy) => PoolPolicy) =>
    policy.pools.map((pool, index) =>
      index === place ? change(pool, drawn.pools[index] as PoolPolicy) : pool,
    )
  return chance.pick([
    () => ({ ...policy, pools: swap((pool, { numbers }) => ({ ...pool, numbers })) }),
    () => ({ ...policy, pools: swap((pool, other) => ({ ...other, numbers: pool.numbers })) }),
    () => ({ ...policy, pools: swap((_, other) => other) }),
    () => ({ ...policy, retentionMs: drawn.retentionMs }),
    () => ({ ...policy, latenessMs: drawn.latenessMs }),
    () => ({ ...policy, calls: drawn.calls }),
    () => ({ ...policy, targets: drawn.targets }),
    () => ({ ...policy, sites: drawn.sites, statics: drawn.statics, defaultForward: drawn.defaultForward }),
  ])()
}

/** The bounds of the rules, or ones so small that a short log reaches them. */
export function drawBounds(chance: Chance): Bounds {
  const real = boundsOfTheRules
  if (chance.happens(0.5)) return real
  const small = (least: number, most: number) => least + chance.whole(most - least + 1)
  const maybe = (value: number, bound: number) => (chance.happens(0.6) ? value : bound)
  return {
    ...real,
    spansPerSessionMax: maybe(small(2, 4), real.spansPerSessionMax),
    tabsPerSessionMax: maybe(small(1, 2), real.tabsPerSessionMax),
    clicksPerSessionMax: maybe(small(1, 2), real.clicksPerSessionMax),
    touchesPerSessionMax: maybe(small(1, 2), real.touchesPerSessionMax),
    sessionsPerTenantMax: maybe(small(3, 8), real.sessionsPerTenantMax),
    callsPerTenantMax: maybe(small(2, 6), real.callsPerTenantMax),
    callersPerTenantMax: maybe(small(1, 3), real.callersPerTenantMax),
    restrictedPerTenantMax: maybe(small(1, 2), real.restrictedPerTenantMax),
    callsPerCallerMax: maybe(small(1, 3), real.callsPerCallerMax),
    claimsPerNumberMax: maybe(small(1, 3), real.claimsPerNumberMax),
    candidatesMax: maybe(small(1, 2), real.candidatesMax),
    producersMax: maybe(small(1, 3), real.producersMax),
    producerWindow: maybe(small(2, 6), real.producerWindow),
    forgetPerPulseMax: maybe(small(1, 3), real.forgetPerPulseMax),
    endPerPulseMax: maybe(small(1, 2), real.endPerPulseMax),
  }
}
