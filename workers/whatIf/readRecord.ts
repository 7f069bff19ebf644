import { setImmediate as turn } from 'node:timers/promises'
import { unpack } from '../../config/pack.ts'
import type { AuditRecord } from '../../core/audit.ts'
import { lastLife } from '../../core/life.ts'
import { limits } from '../../core/limits.ts'
import type { CallRecord } from '../../core/outcome.ts'
import type { TenantPolicy } from '../../core/policy.ts'
import { erased } from '../../core/reasons.ts'
import type { PolicyRow, Session } from '../../core/records.ts'
import { callerName, visitorName } from '../../core/subjectNames.ts'
import type { LogTime } from '../../core/words.ts'
import { isErased, loadErasures } from '../erasures.ts'
import { findableAs } from '../findable.ts'
import type { KeptEvent } from '../history.ts'
import type { Position } from '../store.ts'
import type { StoreReading } from './openStores.ts'
import type { Progress } from './progress.ts'
import { CannotAsk, type Kept, type Recorded, type RecordedEvent, type RecordedSession } from './record.ts'

/** What is asked of a record: of which tenant, and of which time; left out: all that there is. */
export type Asked = {
  readonly tenant: string
  readonly fromMs: number | null
  readonly toMs: number | null
  /** How much before `fromMs` leads up to it, given the policy in force. */
  readonly leadMs: (policy: TenantPolicy) => number
}

/** Reads it into memory, without what is erased or restricted. */
export async function readRecord(store: StoreReading, asked: Asked, progress: Progress): Promise<Recorded> {
  const { tenant } = asked
  const row = store.get(['state', 'policies', tenant])
  if (row === undefined)
    throw new CannotAsk(`Of tenant ${tenant} nothing is on record here: it was never in force, or has ended.`)
  const { version, policy } = unpack(row) as PolicyRow
  const clock = store.get(['state', 'clock', 'now'])
  const nowMs = clock === undefined ? 0 : (unpack(clock) as LogTime)
  const isRestricted = restrictedIn(store, tenant)
  const firstMs = firstAt(store, tenant)
  const fromMs = Math.max(asked.fromMs ?? firstMs, firstMs)
  const toMs = Math.min(asked.toMs ?? nowMs + 1, nowMs + 1)
  const span = { fromMs: Math.max(0, fromMs - asked.leadMs(policy)), toMs }
  const calls = readCalls(store, tenant, isRestricted, span)
  const sessions = readSessions(store, tenant, isRestricted, span)
  const isUsable = usable(store, tenant, isRestricted)
  const { events, leftOut } = await readEvents(store, tenant, isUsable, span, progress)
  const [first] = events
  if (first === undefined || !events.some(({ atMs }) => atMs >= fromMs))
    throw new CannotAsk(sayNothing(tenant, fromMs, toMs))
  return {
    ...{ tenant, policy, policyVersion: version, rules: rulesOf(store), fromMs, toMs },
    policyChanges: changesOf(store, tenant).filter(atMs => atMs > first.atMs && atMs < toMs),
    ...{ events, sessions, calls: calls.records },
    leftOut: { events: leftOut, calls: calls.leftOut },
  }
}

const timeOf = (ms: number) => new Date(ms).toISOString()

function sayNothing(tenant: string, fromMs: number, toMs: number): string {
  const when = toMs > fromMs ? ` from ${timeOf(fromMs)} until ${timeOf(toMs)}` : ' in that time'
  return `Of tenant ${tenant} no visit and no call is on record${fromMs === 0 ? '' : when}.`
}

function firstAt(store: StoreReading, tenant: string): number {
  for (const key of store.getKeys({
    start: ['history', tenant, 0],
    end: ['history', tenant, last],
    limit: 1,
  }))
    return Number(key[2])
  return 0
}

const last = Number.MAX_SAFE_INTEGER

function rulesOf(store: StoreReading): number {
  const bytes = store.get(['meta', 'position'])
  return bytes === undefined ? 0 : (unpack(bytes) as Position).rules
}

/** Whether somebody of these names is restricted. What the core holds of whom was erased has left with the erasure. */
type IsRestricted = (names: readonly string[]) => boolean

function restrictedIn(store: StoreReading, tenant: string): IsRestricted {
  const restricted = new Set([...stateRows(store, 'restricted', tenant)].map(({ id }) => id))
  return names => names.some(name => restricted.has(name))
}

/** Whether an event may be used: rows of the history leave a little after an erasure, and those of restricted people stay. */
type IsUsable = (names: readonly string[], sequence: number) => boolean

function usable(store: StoreReading, tenant: string, isRestricted: IsRestricted): IsUsable {
  const erasures = loadErasures({ erasures: () => erasureRows(store, tenant), erasure: () => null })
  return (names, sequence) => !isRestricted(names) && !isErased(erasures, tenant, names, sequence)
}

function* erasureRows(store: StoreReading, tenant: string) {
  const range = store.getRange({ start: ['erasure', tenant], end: ['erasure', tenant, '\uffff'] })
  for (const { key, value } of range) yield { tenant, id: String(key[2]), bytes: value }
}

function* stateRows(store: StoreReading, table: string, tenant: string) {
  const range = store.getRange({ start: ['state', table, `${tenant} `], end: ['state', table, `${tenant}!`] })
  for (const { key, value } of range)
    yield { id: String(key[2]).slice(tenant.length + 1), bytes: value as Uint8Array }
}

type Span = { readonly fromMs: number; readonly toMs: number }

function readCalls(store: StoreReading, tenant: string, isRestricted: IsRestricted, { fromMs, toMs }: Span) {
  const records = new Map<string, CallRecord>()
  let leftOut = 0
  for (const { id, bytes } of stateRows(store, 'calls', tenant)) {
    const record = unpack(bytes) as CallRecord
    if (record.rangAt < fromMs || record.rangAt >= toMs) continue
    const { a, match } = record
    const names = [
      ...(a === null ? [] : [callerName(a)]),
      ...(match.visitor === null ? [] : [visitorName(match.visitor)]),
    ]
    // Where the name that a match had is gone there is nothing to compare with.
    if (match.reasons.includes(erased) || isRestricted(names)) leftOut += 1
    else records.set(id, record)
  }
  return { records, leftOut }
}

function readSessions(
  store: StoreReading,
  tenant: string,
  isRestricted: IsRestricted,
  { fromMs, toMs }: Span,
) {
  const sessions = new Map<string, RecordedSession>()
  for (const { bytes } of stateRows(store, 'sessions', tenant)) {
    const row = unpack(bytes) as Session
    if (lastLife(row) < fromMs || row.startedAt >= toMs || isRestricted([visitorName(row.visitor)])) continue
    const { site, session, visitor, startedAt, spans, numbers, withdrawnAt } = row
    sessions.set(session, { site, session, visitor, startedAt, spans, numbers, withdrawnAt })
  }
  return sessions
}

const rowsPerPage = 2_048

async function readEvents(
  store: StoreReading,
  tenant: string,
  isUsable: IsUsable,
  { fromMs, toMs }: Span,
  progress: Progress,
) {
  const events: RecordedEvent[] = []
  const same = createSame()
  let leftOut = 0
  let start: (string | number)[] = ['history', tenant, fromMs]
  for (;;) {
    // No reader stays open for longer than a page: a long one would let the file grow.
    const page = [...store.getRange({ start, end: ['history', tenant, toMs], limit: rowsPerPage })]
    for (const { key, value } of page) {
      const { clear, session } = unpack(value) as KeptEvent
      if (isUsable(findableAs(clear, session), Number(key[3])))
        events.push({ atMs: Number(key[2]), clear: same(clear as Kept), session })
      else leftOut += 1
    }
    if (events.length > limits.whatIfEventsMax) throw new CannotAsk(sayTooMany)
    if (page.length < rowsPerPage) return { events, leftOut }
    const at = page.at(-1)?.key as (string | number)[]
    progress.at((Number(at[2]) - fromMs) / (toMs - fromMs))
    start = [...at.slice(0, 4), Number(at[4]) + 1]
    await turn()
  }
}

const sayTooMany = `More than ${limits.whatIfEventsMax} events are on record in this time, and what lies before it: take a shorter one with --from and --to.`

/** Equal sources are one object, and what is not looked at leaves: millions of events are in memory at once. */
function createSame(): (clear: Kept) => Kept {
  const known = new Map<string, object>()
  const one = <Value extends object>(value: Value): Value => {
    const name = JSON.stringify(value)
    const found = known.get(name) as Value | undefined
    if (found === undefined) known.set(name, value)
    return found ?? value
  }
  return clear => {
    if (clear.kind === 'hello')
      return clear.page === null
        ? clear
        : { ...clear, page: { ...clear.page, source: one(clear.page.source) } }
    if (clear.kind === 'page') return { ...clear, page: { ...clear.page, source: one(clear.page.source) } }
    return clear.kind === 'engagement' ? { ...clear, contacts: [] } : clear
  }
}

const auditLookedAtMax = 100_000

/** When another policy came into force. */
function changesOf(store: StoreReading, tenant: string): number[] {
  const range = {
    start: ['audit', tenant, last],
    end: ['audit', tenant],
    reverse: true,
    limit: auditLookedAtMax,
  }
  const changes: number[] = []
  for (const { value } of store.getRange(range)) {
    const { action, atMs } = unpack(value) as AuditRecord
    if (action === 'configured') changes.push(atMs)
  }
  return changes.reverse()
}
