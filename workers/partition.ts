import type { Link, LogRecord } from '../config/nats.ts'
import { causeOf, type Logger } from '../config/logger.ts'
import { limits } from '../core/limits.ts'
import { apply } from '../core/machine.ts'
import { replyTo } from '../core/reply.ts'
import type { State } from '../core/state.ts'
import type { LogEvent, LogMessage } from '../core/wire/log.ts'
import type { Reply } from '../core/wire/reply.ts'
import { type Access, hearAccess } from './accessRows.ts'
import type { Audit } from './auditRows.ts'
import { type Breaches, hearBreaches } from './breachRows.ts'
import type { Counts } from './counts.ts'
import { workOut } from './consequences.ts'
import { type AsideReason, decode, entryOf } from './decode.ts'
import { type Erasures, hearErasures } from './erasures.ts'
import { type Facts, hearFacts, sayable } from './facts.ts'
import type { Applied, Group } from './group.ts'
import type { Held } from './heldRows.ts'
import type { KeyStore } from './keys/keyStore.ts'
import type { SeenEnd } from './keys/seen.ts'
import type { Mark } from './mark.ts'
import { hearRectifications, type Rectifications } from './rectifications.ts'
import type { SendReply } from './replies.ts'
import { hearReturns } from './returnFolder.ts'
import type { ReturnsBegun } from './returnRemoval.ts'
import { policyBefore, recordedDays, retentionChange } from './retentionNotes.ts'
import { tellRights } from './rights.ts'
import type { InTurn } from './rounds.ts'
import type { Store } from './store.ts'
import { tellTerms } from './terms.ts'
import { unheldBefore } from './unheld.ts'

/** Why a partition stands still. Calls fail open meanwhile; everything acknowledged stays in the log. */
export type StopReason = 'log_regressed' | 'log_gap' | 'invariant' | 'two_writers'

export type Partition = {
  readonly number: number
  readonly state: State
  readonly store: Store
  readonly keys: KeyStore
  readonly access: Access
  readonly erasures: Erasures
  readonly rectifications: Rectifications
  readonly facts: Facts
  /** Chains, by tenant, that do not say yet that the data was put back. */
  readonly restored: Map<string, SeenEnd>
  readonly audit: Audit
  readonly breaches: Breaches
  /** Where return packages are written. */
  readonly returnsDir: string
  readonly returnsBegun: ReturnsBegun
  /** What seals events anew does so in turn: each reads what it will put back. */
  readonly rewriting: InTurn
  /** When, in log time, retention has something to do; null: nothing. */
  retentionDueAt: number | null
  /** Who we are among the owners of this partition. */
  readonly owner: string
  readonly link: Link
  /** Brings replies to who waits for them. */
  readonly reply: SendReply
  readonly counts: Counts
  readonly logger: Logger
  /** What was applied since the last commit was begun. */
  group: Group
  /** The last sequence applied in memory, and the last one committed with its changes. */
  applied: number
  committed: number
  /** The log time up to which the store has all that was applied. */
  storedUntilMs: number
  /** The last entry of the log up to the committed sequence, to know the log again by. */
  mark: Mark | null
  stopped: StopReason | null
  /** What it could not apply in time and has taken out of the log: up to which sequence, and how many entries. */
  held: Held
  /** How often the commit under way has failed; 0 where all is well. */
  failedCommits: number
  readonly logCreatedAt: string
  /** The last entry that the log held for this partition when it was opened. */
  readonly openedAt: number
}

/**
 * Whether it goes on, has caught up with the log, and has applied every erasure and every fact that was ever said: until then
 * another owner, where there is one, knows better.
 */
export function isCurrent(partition: Partition): boolean {
  return hasCaughtUp(partition) && !isOwing(partition)
}

/** Whether data that was put back has lost what is to be said again before anybody is answered. */
export function isOwing({ erasures, facts, restored, state }: Partition): boolean {
  return erasures.owed.size > 0 || restored.size > 0 || sayable(facts, state).length > 0
}

/** Whether it goes on and has applied what the log held when it was opened. */
export function hasCaughtUp({ stopped, applied, openedAt }: Partition): boolean {
  return stopped === null && applied >= openedAt
}

const lookEveryMs = 10

/** Resolves when what is applied by now is in the store, or the time is over: whoever reads the store for somebody else asks this first. */
export async function caughtUp(
  partition: Pick<Partition, 'applied' | 'committed' | 'stopped'>,
  withinMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const { applied } = partition
  const until = performance.now() + withinMs
  while (partition.committed < applied && partition.stopped === null && performance.now() < until)
    await new Promise(resolve => setTimeout(resolve, lookEveryMs))
}

/**
 * Says, each time it is asked, up to which moment by the machine's clock all that the log had is in the store: what was not
 * even read yet is seen, after a start or while commits fail. It lags by as long as nobody asks; nothing waits for it.
 * `lastInLog` rejects where the log cannot be asked.
 */
export function createStoredUntil(
  partition: Pick<Partition, 'committed'>,
  lastInLog: () => Promise<number>,
  clock: () => number,
): () => Promise<number> {
  let next: { readonly sequence: number; readonly atMs: number } | null = null
  let storedUntilMs = 0
  return async () => {
    const atMs = clock()
    next ??= { sequence: await lastInLog(), atMs }
    if (partition.committed < next.sequence) return storedUntilMs
    storedUntilMs = next.atMs
    next = null
    return storedUntilMs
  }
}

/** Whether it may apply more before it has committed what it has: while commits fail, the log keeps the rest. */
export function hasRoom({ group }: Pick<Partition, 'group'>): boolean {
  return group.entries + group.asides.length < limits.uncommittedEntriesMax
}

/**
 * One message of the log, in the order that is the guarantee: apply in memory, reply at once because somebody waits,
 * and note what the next commit has to hold. Nothing here waits.
 */
export function turn(partition: Partition, record: LogRecord): void {
  if (partition.stopped !== null || record.sequence <= partition.applied) return
  const message = decode(record)
  if (typeof message === 'string') return setAside(partition, record, 0, message)
  const applied: Applied[] = []
  for (const [index, event] of message.events.entries()) {
    applied.push(applyEvent(partition, record, message, event, index))
    if (partition.stopped !== null) return
  }
  hearAccess(partition.access, applied, partition.state.now)
  const { sequence } = record
  hearErasures(partition.erasures, applied, { atMs: partition.state.now, sequence }, isHeldIn(partition))
  hearRectifications(partition.rectifications, applied, partition.keys, Date.now)
  hearBreaches(partition.breaches, applied, partition.state.now)
  hearFacts(partition.facts, applied, partition.state.now)
  hearRestored(partition, applied)
  void hearReturns(partition.returnsDir, applied, () =>
    partition.counts.add('ringtrail_rights_failed_total', []),
  )
  tellRights(partition, applied)
  tellTerms(partition, applied)
  hearRetention(partition, applied)
  reply(partition, message, applied)
  keep(partition, record, message, applied)
}

/** The log has these records: what the store counts for them is done with. A row that stays is said again, and heard again. */
function hearRetention({ store }: Partition, applied: readonly Applied[]): void {
  for (const named of recordedDays(applied)) store.forgetRetentionDay(named).catch(() => undefined)
}

function hearRestored({ restored }: Partition, applied: readonly Applied[]): void {
  for (const { event } of applied)
    if (event.note?.action === 'restored' && 'tenant' in event.clear) restored.delete(event.clear.tenant)
}

/** Whether anything of this name is on disk. */
function isHeldIn({ store, keys }: Pick<Partition, 'store' | 'keys'>) {
  return (tenant: string, name: string) =>
    store.find(tenant, name, null, 1).length > 0 || keys.idsOf(tenant, name).length > 0
}

/** What follows from it is worked out when it is committed, off the path of the next reply. */
function keep(
  partition: Partition,
  record: LogRecord,
  { lane, keys = [] }: LogMessage,
  applied: readonly Applied[],
): void {
  const { group, state } = partition
  for (const key of keys) group.keys.push({ key, atMs: state.now })
  const lagMs = Math.max(0, Date.now() - record.timeMs)
  group.turns.push({ sequence: record.sequence, at: state.now, lane, lagMs, applied })
  group.entries += applied.length
  pass(partition, record)
  if (group.turns.length >= limits.turnsHeldMax) orStop(partition, () => workOut(partition))
}

/** Does what may not fail, or stops: where the state has what the commit has not, the two may not part. null: it stopped. */
export function orStop<Value>(partition: Partition, work: () => Value): Value | null {
  try {
    return work()
  } catch (error) {
    stop(partition, 'invariant', error as Error)
    return null
  }
}

/** A reply may be lost: whoever waits asks again, and the log has the entry. What follows from it may not. */
function reply(partition: Partition, message: LogMessage, applied: readonly Applied[]): void {
  if (message.replyTo === '') return
  const { producer, counter } = message
  try {
    partition.reply(message.replyTo, { producer, counter, replies: applied.map(one => one.reply) })
  } catch {
    partition.counts.add('ringtrail_replies_failed_total', [])
  }
}

function applyEvent(
  partition: Partition,
  record: LogRecord,
  message: LogMessage,
  event: LogEvent,
  index: number,
): Applied {
  const entry = entryOf(record, message, event, index)
  const began = performance.now()
  const before = policyBefore(partition.state, event.clear)
  const unheld = unheldBefore(partition, event.clear)
  try {
    const outcomes = apply(partition.state, entry)
    if (event.clear.kind === 'signal') {
      partition.counts.observe('ringtrail_apply_seconds', (performance.now() - began) / 1_000)
    }
    const alsoNoted = retentionChange(before, { event, outcomes })
    return { event, outcomes, reply: replyTo(event.clear, outcomes), alsoNoted, unheld }
  } catch (error) {
    return { event, outcomes: [], reply: afterThrow(partition, record, index, error as Error) }
  }
}

/** `decide` only reads, so its throw leaves the state whole and the entry is set aside; any other throw stops us. */
function afterThrow(partition: Partition, record: LogRecord, index: number, error: Error): Reply {
  if (error.name === 'Poisoned') {
    setAside(partition, record, index, 'decide-threw', error)
    return { kind: 'problem', code: 'not-valid' }
  }
  stop(partition, 'invariant', error)
  return { kind: 'problem', code: 'partition-stopped' }
}

/** Stops applying. The reason is on `/readyz`, in the metrics and in one line of the log. */
export function stop(partition: Partition, reason: StopReason, error?: Error): void {
  partition.stopped = reason
  partition.logger.error(
    { partition: partition.number, sequence: partition.applied, reason, ...(error && causeOf(error)) },
    'partition_stopped',
  )
}

function setAside(
  partition: Partition,
  record: LogRecord,
  index: number,
  reason: AsideReason,
  error?: Error,
): void {
  partition.counts.add('ringtrail_set_aside_total', [reason])
  partition.logger.error(
    { partition: partition.number, sequence: record.sequence, index, reason, ...(error && causeOf(error)) },
    'set_aside',
  )
  partition.group.asides.push({
    sequence: record.sequence,
    index,
    reason,
    atMs: record.timeMs,
    bytes: record.data,
  })
  pass(partition, record)
}

function pass(partition: Partition, record: LogRecord): void {
  partition.applied = record.sequence
  partition.group.sequence = record.sequence
  partition.group.last = record
}
