import type { CallState, EndReason, Entry, Input } from './input.ts'
import { limits } from './limits.ts'
import { apply } from './machine.ts'
import type { CallRecord, Outcome } from './outcome.ts'
import type { PoolPolicy, TenantPolicy } from './policy.ts'
import {
  type Bounds,
  callsById,
  createState,
  restoreState,
  type State,
  type TableName,
  tablesOf,
} from './state.ts'
import type { LogTime, PhoneNumber, Pseudonym, SessionId, VisitorId } from './words.ts'

/** Short ways to say what happens, for tests: a log of a few entries, told in seconds since `began`. */

export const began = 1_800_000_000_000
export const site = 'pk_test'

export const number = (place: number) => `+457000${String(place).padStart(4, '0')}` as PhoneNumber
const own = '+4578792222' as PhoneNumber

const google = { source: 'google', medium: 'cpc', campaign: null, content: null, keyword: null }

/** One tenant, one pool of `size` numbers: idle 60 s, tail 60 s, cool-down 60 s, unless said otherwise. */
export function policyOf(size: number, pool: Partial<PoolPolicy> = {}): TenantPolicy {
  return {
    tenant: 'acme',
    retentionMs: 60 * 86_400_000,
    latenessMs: 86_400_000,
    consent: 'assumed',
    defaultForward: own,
    sites: [{ key: site, targets: ['sales'] }],
    targets: [{ id: 'sales', replace: own, forward: own, pool: 'sales', static: null }],
    pools: [
      {
        id: 'sales',
        numbers: Array.from({ length: size }, (_, place) => number(place)),
        idleTimeoutMs: 60_000,
        tailMs: 60_000,
        coolDownMs: 60_000,
        stickyMs: 3_600_000,
        overflow: 'share',
        ...pool,
      },
    ],
    statics: [
      {
        number: '+4570001111' as PhoneNumber,
        forward: own,
        source: { ...google, source: 'print', medium: 'offline' },
      },
    ],
    calls: { qualifiedAfterMs: 30_000, returningLookBackMs: 30 * 86_400_000 },
  }
}

/** A partition that is told entries one by one. */
export type Story = ReturnType<typeof tell>

export function tell(policy: TenantPolicy, bounds: Partial<Bounds> = {}) {
  let state = createState({ ...limits, ...bounds })
  let sequence = 0
  type Message = { counter: number; sequence: number; producer?: string }
  const at = (second: number, input: Input, again?: Message): Outcome[] => {
    sequence += 1
    const entry: Entry = {
      at: (began + second * 1_000) as LogTime,
      sequence: again?.sequence ?? sequence,
      index: 0,
      producer: again?.producer ?? 'gateway|boot|visit|0',
      counter: again?.counter ?? sequence,
      input,
    }
    return apply(state, entry)
  }
  at(0, { kind: 'configured', tenant: 'acme', version: 'v1', policy })
  return {
    at,
    state: () => state,
    /** Stores every row and reads it back, as a restart does. */
    restart: () => {
      state = restored(state)
    },
    hello: (second: number, who: string, tab = 'tab', id = 1) =>
      at(second, hello(who, `${who}${sequence}`, tab, id)),
    beat: (second: number, ...sessions: string[]) =>
      at(second, { kind: 'beats', tenant: 'acme', sessions: sessions as SessionId[] }),
    pulse: (second: number) => at(second, { kind: 'pulse' }),
    signal: (second: number, call: string, b: PhoneNumber, more: Partial<Said> = {}) =>
      at(second, signal(call, b, more)),
    call: (call: string): CallRecord => {
      const [record] = callsById(state, 'acme', call)
      if (record === undefined) throw new Error(`no call ${call}`)
      return record
    },
  }
}

export function hello(who: string, fresh: string, tab = 'tab', id = 1): Input {
  return {
    kind: 'hello',
    tenant: 'acme',
    site,
    visitor: who as VisitorId,
    freshSession: fresh as SessionId,
    tab,
    targets: null,
    page: { id, source: google },
  }
}

type Said = {
  state: CallState
  a: string | null
  statedAt: number | null
  reason: EndReason | null
  spooledAt: number | null
}

export function signal(call: string, b: PhoneNumber, said: Partial<Said> = {}): Input {
  const { state = 'ring', a = 'a1', statedAt = null, reason = null, spooledAt = null } = said
  return {
    kind: 'signal',
    tenant: 'acme',
    carrier: 'generic',
    call,
    state,
    a: a as Pseudonym | null,
    b,
    c: null,
    statedAt: statedAt === null ? null : began + statedAt * 1_000,
    takenAt: began + (spooledAt ?? 0) * 1_000,
    spooled: spooledAt !== null,
    reason,
  }
}

/** The state after it was written to a store and read back. */
export function restored(state: State): State {
  const rows: { table: TableName; key: string; value: unknown }[] = []
  for (const [table, records] of tablesOf(state)) {
    for (const [key, value] of records.entries()) rows.push({ table, key, value: structuredClone(value) })
  }
  // A store gives its rows back by key, not in the order in which they came.
  return restoreState(
    rows.sort((x, y) => (x.key < y.key ? -1 : 1)),
    state.bounds,
  )
}
