import type { ChannelRule, TextTest } from './channels.ts'
import { limits } from './limits.ts'
import type { PhoneNumber } from './words.ts'

/**
 * What a tenant (a data controller) asks of us, as the core reads it: numbers expanded, durations in
 * milliseconds, nothing that belongs to one machine. It travels in `configured` entries, so it is plain data.
 * Secrets are never in it.
 */
export type TenantPolicy = {
  readonly tenant: string
  /** How long data is kept, in log time. */
  readonly retentionMs: number
  /** Sealed fields that go earlier than that, by their name in the sealed part. Left out by older policies. */
  readonly fieldRetentionMs?: Readonly<Record<string, number>>
  /** How late a signal may come and still be matched from memory. */
  readonly latenessMs: number
  readonly consent: 'required' | 'assumed'
  /** How Global Privacy Control is read: a refusal stands against a yes too. Left out by older policies: an objection. */
  readonly gpc?: 'ignore' | 'objection' | 'refusal'
  /** What a TC string has to grant; null: it is not looked at. Left out by older policies. */
  readonly tcf?: { readonly vendor: number | null; readonly purposes: readonly number[] } | null
  /** Whether what was sealed goes when consent is taken back. Left out by older policies: it does. */
  readonly onWithdrawal?: 'erase' | 'keep'
  /** The tenant's rules for channels, before the default ones. Left out where there are none, and by older policies. */
  readonly channels?: readonly ChannelRule[]
  readonly defaultForward: PhoneNumber | null
  readonly sites: readonly SitePolicy[]
  readonly targets: readonly TargetPolicy[]
  readonly pools: readonly PoolPolicy[]
  readonly statics: readonly StaticPolicy[]
  readonly calls: CallPolicy
}

/** How calls are judged. What is optional is left out where it is as in `callDefaults`, as before there was any. */
export type CallPolicy = {
  readonly qualifiedAfterMs: number
  readonly returningLookBackMs: number
  /** What ended unanswered after less than this is short (rule C6). */
  readonly shortUnderMs?: number
  /** A caller's call within this time after an earlier one is its duplicate; 0: none is (rule C9). */
  readonly duplicateWithinMs?: number
  /** How far a call's path reaches back, and how many touches it has at most (rule T3). */
  readonly lookBackMs?: number
  readonly lookBackTouches?: number
  /** After this time a touch weighs half as much (rule T6). */
  readonly halfLifeMs?: number
}

/** Why these: docs/marketer.md. */
export const callDefaults = {
  shortUnderMs: 5_000,
  duplicateWithinMs: 30 * 60_000,
  lookBackMs: 30 * 86_400_000,
  lookBackTouches: 20,
  halfLifeMs: 7 * 86_400_000,
} as const satisfies Partial<CallPolicy>

/** A web property with its public key; the targets (by id) that its pages may ask numbers for. */
export type SitePolicy = { readonly key: string; readonly targets: readonly string[] }

/** A number as it stands on the page (`replace`), and where calls to its stand-ins are forwarded. */
export type TargetPolicy = {
  readonly id: string
  readonly replace: PhoneNumber
  readonly forward: PhoneNumber
  /** Without a pool the target shows its static number (`static`), or the page's own. */
  readonly pool: string | null
  /** The static number that visitors without consent see, or null for the page's own. */
  readonly static: PhoneNumber | null
  /** Visits that get numbers of another pool: the first that fits. Left out where there are none. */
  readonly segments?: readonly SegmentPolicy[]
}

/** Visits of one kind. Which one a visit is of is found before its page is sealed; here only the id counts (rule A9). */
export type SegmentPolicy = {
  readonly id: string
  readonly when: SegmentRule
  /** null: these visits get no number of a pool. */
  readonly pool: string | null
}

/** All that is said here has to fit; what is left out fits always. */
export type SegmentRule = {
  readonly source?: string
  readonly medium?: string
  readonly campaign?: string
  readonly channel?: string
  /** What the path of the page begins with. */
  readonly landingPath?: string
  /** The country (ISO 3166) whose numbers the page asks for. */
  readonly country?: string
}

/** The segment that a visit is of, by target. */
export type Segments = Readonly<Record<string, string>>

export type PoolPolicy = {
  readonly id: string
  readonly numbers: readonly PhoneNumber[]
  readonly idleTimeoutMs: number
  readonly tailMs: number
  readonly coolDownMs: number
  readonly stickyMs: number
  readonly overflow: 'fallback' | 'share'
  /** A number is held at least for so long before it rests, however quiet its session is. Left out: no longer than its tail. */
  readonly minHoldMs?: number
  /** A session holds one number for at most so long. Left out: as long as the session lasts. */
  readonly maxHoldMs?: number
  /** The share of its numbers in use from which on it is warned. Left out: `warnAtDefault`. */
  readonly warnAt?: number
}

export const warnAtDefault = 0.75

/** A number tied to a source (a campaign, a print advertisement), not to a session. */
export type StaticPolicy = {
  readonly number: PhoneNumber
  readonly forward: PhoneNumber
  readonly source: Source
}

/** Where a visit came from, as classified before sealing. Clear by design, at most 100 characters each. */
export type Source = {
  readonly source: string
  readonly medium: string
  readonly campaign: string | null
  readonly content: string | null
  /** What the advertiser bought or wrote (`utm_term`): never what somebody typed. */
  readonly keyword: string | null
  /** Left out by older entries: none is known. */
  readonly channel?: string | null
  /** What named each value. Left out by older entries: not known. */
  readonly provenance?: Provenance
}

/** What named a value of a source. `default`: nothing did, as where a visit is direct. */
export type Origin = 'utm' | 'click-id' | 'referrer' | 'static' | 'import' | 'default'

/** Null where the value is. */
export type Provenance = {
  readonly source: Origin
  readonly medium: Origin
  readonly campaign: Origin | null
  readonly content: Origin | null
  readonly keyword: Origin | null
}

const isWhole = (value: unknown) => Number.isSafeInteger(value)

/**
 * Throws where a policy is none. What is not refused here is applied: an entry that is broken has to be set aside as a
 * whole, before anything is changed by it.
 */
export function assertPolicy(policy: TenantPolicy): void {
  const { sites, targets, pools, statics, calls, retentionMs, fieldRetentionMs = {}, latenessMs } = policy
  const sound =
    Object.values(fieldRetentionMs).every(isWhole) &&
    [retentionMs, latenessMs].every(isWhole) &&
    areCalls(calls) &&
    sites.every(site => Array.isArray(site.targets)) &&
    targets.every(({ id, segments = [] }) => typeof id === 'string' && Array.isArray(segments)) &&
    statics.every(one => typeof one.number === 'string') &&
    pools.every(isPool) &&
    isChannels(policy.channels)
  if (!sound) throw new TypeError('a policy of another shape')
}

function areCalls(calls: CallPolicy): boolean {
  const { qualifiedAfterMs, returningLookBackMs } = calls
  const { lookBackTouches, halfLifeMs } = { ...callDefaults, ...calls }
  return (
    [qualifiedAfterMs, returningLookBackMs, ...Object.values(calls)].every(isWhole) &&
    lookBackTouches <= limits.touchesPerCallMax &&
    halfLifeMs > 0
  )
}

function isPool({ numbers, minHoldMs = 0, maxHoldMs = 0, ...pool }: PoolPolicy): boolean {
  const { idleTimeoutMs, tailMs, coolDownMs, stickyMs } = pool
  const durations = [idleTimeoutMs, tailMs, coolDownMs, stickyMs, minHoldMs, maxHoldMs]
  return Array.isArray(numbers) && durations.every(isWhole)
}

function isChannels(channels: TenantPolicy['channels']): boolean {
  if (channels === undefined) return true
  const isTest = (test: TextTest | undefined) =>
    test === undefined || Object.values(test).every(Array.isArray)
  return (
    Array.isArray(channels) &&
    channels.every(
      ({ channel, when }) =>
        typeof channel === 'string' &&
        Array.isArray(when) &&
        when.every(one => isTest(one.source) && isTest(one.medium) && isTest(one.campaign)),
    )
  )
}
