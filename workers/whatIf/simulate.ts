import { setImmediate as turn } from 'node:timers/promises'
import type { CallRecord } from '../../core/outcome.ts'
import type { PoolPolicy, TenantPolicy } from '../../core/policy.ts'
import type { PhoneNumber } from '../../core/words.ts'
import { type Block, type Share, shareOf } from './bootstrap.ts'
import { type Arrivals, erlangB, erlangByStretch, loadOf } from './erlangB.ts'
import type { Progress } from './progress.ts'
import type { Recorded } from './record.ts'
import { type Matches, runUnder, type Told } from './runUnder.ts'
import { type Signs, signsOf } from './signs.ts'
import { createTrace, type Trace } from './trace.ts'

/** A pool as it might be. */
export type Combination = {
  readonly pool: string
  readonly size: number
  readonly tailMs: number
  readonly coolDownMs: number
}

/** What would have come of it, with the visits on record. */
export type Simulated = Combination & {
  /** It is what is in force. */
  readonly isInForce: boolean
  /** Visits that were to be shown a number of the pool. */
  readonly visits: number
  /** Of these, at first: shown no number of the pool, or one that somebody else still had. */
  readonly fallback: number
  readonly shared: number
  readonly without: Share | null
  readonly erlang: Erlang
  /** Calls of which the record says with confidence whose they were. */
  readonly calls: number
  readonly wrong: number
  readonly unknown: number
  readonly error: Share | null
  /** Calls of which the record knows no visit, and which would go to one. Whether rightly, nobody knows. */
  readonly found: number
}
export type Erlang = {
  /** How long a number is taken by a visit: its life, the idle timeout, tail and cool-down. */
  readonly holdMs: number
  /** Numbers taken at a time on average, if there were enough. */
  readonly load: number
  readonly atMeanLoad: number
  /** Hour by hour, weighted by visits. */
  readonly byHour: number
}

export type Simulation = {
  readonly rows: readonly Simulated[]
  readonly blockMs: number
  /** Calls on the pools' numbers of which the record does not say with confidence whose they were. */
  readonly withoutEvidence: number
  /** Of the calls that are counted on, so large a share is wrong by the record's own confidence. */
  readonly evidenceWrong: number
}

/** From this confidence on, per mille, what was recorded of a call is taken for what was. */
export const evidenceFrom = 500

const hourMs = 3_600_000
const daysFrom = 14

export async function simulate(
  recorded: Recorded,
  combinations: readonly Combination[],
  progress: Progress,
): Promise<Simulation> {
  const { fromMs, toMs, policy } = recorded
  progress.begin('finding signs of life')
  const setting = settingOf(recorded)
  const rows: Simulated[] = []
  progress.begin(`simulating ${combinations.length} combinations`)
  for (const [done, combination] of combinations.entries()) {
    await turn()
    rows.push(simulateOne(setting, combination, share => progress.at((done + share) / combinations.length)))
  }
  const pools = new Set(combinations.map(({ pool }) => pool))
  const numbers = policy.pools.filter(({ id }) => pools.has(id)).flatMap(pool => pool.numbers)
  const { evidence, weak } = evidenceOf(recorded, new Set(numbers))
  const doubt = evidence.reduce((sum, { match }) => sum + 1 - match.confidence / 1_000, 0)
  return {
    ...{ rows, blockMs: blockMsOf(toMs - fromMs), withoutEvidence: weak },
    evidenceWrong: evidence.length === 0 ? 0 : doubt / evidence.length,
  }
}

function blockMsOf(spanMs: number): number {
  return spanMs >= daysFrom * 24 * hourMs ? 24 * hourMs : hourMs
}

type Setting = { readonly recorded: Recorded; readonly signs: Signs; readonly trace: Trace }

function settingOf(recorded: Recorded): Setting {
  const { events, sessions, toMs, policy } = recorded
  const idle = Math.min(...policy.pools.map(pool => pool.idleTimeoutMs))
  // Who is alive stays so with two signs in an idle timeout; more would only take longer.
  const everyMs = Math.max(100, Math.floor(idle / 2))
  const signs = signsOf(sessions.values(), { fromMs: events[0]?.atMs ?? 0, toMs, everyMs })
  return { recorded, signs, trace: createTrace(recorded) }
}

function simulateOne(
  setting: Setting,
  combination: Combination,
  progress: (share: number) => void,
): Simulated {
  const { recorded } = setting
  const pool = recorded.policy.pools.find(({ id }) => id === combination.pool) as PoolPolicy
  const shown = createShown(recorded, combination.pool)
  const policy = withPool(recorded.policy, pool, combination)
  const { matches } = runUnder({ ...setting, policy, told: shown.told, progress })
  const judged = judge(recorded, matches, new Set(pool.numbers))
  const { visits, fallback, shared, blocks, byHour } = shown.counts()
  const isInForce =
    combination.size === pool.numbers.length &&
    combination.tailMs === pool.tailMs &&
    combination.coolDownMs === pool.coolDownMs
  return {
    ...{ ...combination, isInForce, visits, fallback, shared, without: shareOf(blocks) },
    erlang: erlangOf(recorded, pool, combination, byHour),
    ...judged,
  }
}

/** Numbers that the pool has not are made up: no message shows them. */
function withPool(
  policy: TenantPolicy,
  pool: PoolPolicy,
  { size, tailMs, coolDownMs }: Combination,
): TenantPolicy {
  const more = Math.max(0, size - pool.numbers.length)
  const made = Array.from({ length: more }, (_, place) => `+0${place + 1}` as PhoneNumber)
  const numbers = [...pool.numbers.slice(0, size), ...made]
  const changed = { ...pool, numbers, tailMs, coolDownMs }
  return { ...policy, pools: policy.pools.map(one => (one === pool ? changed : one)) }
}

/** Counts what visits are shown at first, by hour and by block. */
function createShown({ fromMs, toMs }: Recorded, pool: string) {
  const blockMs = blockMsOf(toMs - fromMs)
  const seen = new Set<string>()
  const without = new Map<number, { hits: number; of: number }>()
  const hours = new Map<number, number>()
  const counts = { visits: 0, fallback: 0, shared: 0 }
  const told = (told: Told) => {
    if (told.kind === 'number-kept' || told.pool !== pool || told.atMs < fromMs) return
    const key = `${told.session} ${told.target}`
    if (seen.has(key)) return
    seen.add(key)
    const isFallback = told.kind === 'fallback-shown'
    const isShared = !isFallback && told.shared
    counts.visits += 1
    counts.fallback += Number(isFallback)
    counts.shared += Number(isShared)
    tally(without, Math.floor((told.atMs - fromMs) / blockMs), isFallback || isShared)
    const hour = Math.floor((told.atMs - fromMs) / hourMs)
    hours.set(hour, (hours.get(hour) ?? 0) + 1)
  }
  const byHour = () =>
    [...hours].map(([hour, count]) => ({
      count,
      lastingMs: Math.min(hourMs, toMs - fromMs - hour * hourMs),
    }))
  return { told, counts: () => ({ ...counts, blocks: [...without.values()], byHour: byHour() }) }
}

function tally(blocks: Map<number, { hits: number; of: number }>, at: number, isHit: boolean): void {
  const block = blocks.get(at) ?? { hits: 0, of: 0 }
  block.hits += Number(isHit)
  block.of += 1
  blocks.set(at, block)
}

function erlangOf(
  { sessions, fromMs, toMs }: Recorded,
  { idleTimeoutMs }: PoolPolicy,
  { size, tailMs, coolDownMs }: Combination,
  byHour: readonly Arrivals[],
): Erlang {
  let [lives, livedMs] = [0, 0]
  for (const { startedAt, spans } of sessions.values()) {
    if (startedAt < fromMs || startedAt >= toMs) continue
    lives += 1
    livedMs += Math.max(0, (spans.at(-1)?.[1] ?? startedAt) - startedAt)
  }
  const holdMs = (lives === 0 ? 0 : livedMs / lives) + idleTimeoutMs + tailMs + coolDownMs
  const count = byHour.reduce((sum, hour) => sum + hour.count, 0)
  const load = loadOf({ count, lastingMs: toMs - fromMs }, holdMs)
  return { holdMs, load, atMeanLoad: erlangB(size, load), byHour: erlangByStretch(size, holdMs, byHour) }
}

function evidenceOf({ calls, fromMs }: Recorded, numbers: ReadonlySet<PhoneNumber>) {
  const evidence: CallRecord[] = []
  let weak = 0
  for (const record of calls.values()) {
    if (record.rangAt < fromMs || !numbers.has(record.b)) continue
    if (isEvidence(record)) evidence.push(record)
    else weak += 1
  }
  return { evidence, weak }
}

/** Who called is known from the number itself, and likely enough. */
function isEvidence({ match }: CallRecord): boolean {
  const byNumber = match.kind !== 'static' && match.kind !== 'returning'
  return byNumber && match.session !== null && match.confidence >= evidenceFrom
}

function judge(
  recorded: Recorded,
  matches: Matches,
  numbers: ReadonlySet<PhoneNumber>,
): Pick<Simulated, 'calls' | 'wrong' | 'unknown' | 'error' | 'found'> {
  const blockMs = blockMsOf(recorded.toMs - recorded.fromMs)
  const blocks = new Map<number, { hits: number; of: number }>()
  const counts = { calls: 0, wrong: 0, unknown: 0, found: 0 }
  for (const [key, record] of recorded.calls) {
    const match = matches.get(key)
    if (match === undefined || record.rangAt < recorded.fromMs || !numbers.has(record.b)) continue
    if (!isEvidence(record)) {
      counts.found += Number(record.match.session === null && match.session !== null)
      continue
    }
    const isUnknown = match.session === null
    const isWrong = !isUnknown && match.visitor !== record.match.visitor
    counts.calls += 1
    counts.unknown += Number(isUnknown)
    counts.wrong += Number(isWrong)
    tally(blocks, Math.floor((record.rangAt - recorded.fromMs) / blockMs), isUnknown || isWrong)
  }
  const error = shareOf([...blocks.values()] satisfies Block[])
  return { ...counts, error }
}
