import type { AuditRecord } from '../core/audit.ts'
import { limits } from '../core/limits.ts'
import { rulesVersion } from '../core/state.ts'
import { type AccessRow, takeAccessRows } from './accessRows.ts'
import { type BreachRow, takeBreachRows } from './breachRows.ts'
import { workOut } from './consequences.ts'
import { storedUpTo } from './auditRows.ts'
import { committed, type Erasure, rowOf, takeErasures } from './erasures.ts'
import { takeFacts } from './facts.ts'
import type { Fact } from './keys/factList.ts'
import type { KeysKnown } from './keysKnown.ts'
import { emptyGroup, type Group } from './group.ts'
import { markOf } from './mark.ts'
import {
  type Rectification,
  rectificationRow,
  storedRectifications,
  takeRectifications,
} from './rectifications.ts'
import { orStop, type Partition, stop } from './partition.ts'
import { storeResults } from './results.ts'
import { changedRows, isLeaving, type Row } from './rows.ts'
import { type Position, TwoWriters } from './store.ts'

/**
 * Commits what was applied, in groups, off the reply path: results first, then changes and position in one
 * transaction. A position is never committed before the results up to it are stored.
 */
export type Committer = { begin(): void; close(): Promise<void> }

const retryMs = 200

export function createCommitter(partition: Partition): Committer {
  let running: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null
  let closing = false
  let givenUp = false

  const run = async () => {
    timer = null
    // A partition that stopped in the middle of an entry holds half of it: none of that may reach the store.
    if (partition.stopped !== null) {
      running = null
      return
    }
    const taken = take(partition)
    const isThrough =
      taken !== null &&
      (await untilDone(partition, () => storeGroup(partition, taken), isClosing)) &&
      (await untilDone(partition, () => takeKeys(partition, taken), isClosing)) &&
      (await untilDone(partition, () => commit(partition, taken), isClosing))
    running = null
    // Its rows are in nobody's hands any more: a later position would pass over them.
    givenUp ||= !isThrough
    if (partition.group.sequence > partition.committed || isLeaving(partition.state)) begin()
  }
  const isClosing = () => closing
  const isIdle = () => timer === null && running === null && partition.stopped === null
  const begin = () => {
    if (closing || givenUp || !isIdle()) return
    timer = setTimeout(() => {
      running = run()
    }, limits.commitEveryMs)
  }
  const close = async () => {
    closing = true
    if (timer !== null) clearTimeout(timer)
    timer = null
    await running
    if (!givenUp && isIdle() && partition.group.sequence > partition.committed) await run()
  }
  return { begin, close }
}

/** One commit at once, of all that was applied so far, for who plays an owner; rejects where it is not through. */
export async function commitOnce(partition: Partition): Promise<void> {
  const taken = take(partition)
  if (taken === null) return
  await storeGroup(partition, taken)
  await takeKeys(partition, taken)
  await commit(partition, taken)
}

/** What one commit brings to RESULTS and to the store. */
type Taken = {
  readonly group: Group
  /** Log time: all that was applied up to it is in this commit or in one before. */
  readonly untilMs: number
  readonly rows: readonly Row[]
  readonly access: readonly AccessRow[]
  readonly erasures: readonly Erasure[]
  readonly rectifications: readonly Rectification[]
  readonly breaches: readonly BreachRow[]
  readonly facts: readonly Fact[]
  /** Of those that are said again, the ones that were not heard yet. */
  readonly owed: readonly string[]
}

/** Takes what was applied so far, with the state's changed rows as they are at this position. */
function take(partition: Partition): Taken | null {
  const { group, state } = partition
  return orStop(partition, () => {
    workOut(partition)
    const rows = changedRows(state, limits.leavingPerCommitMax)
    const access = takeAccessRows(partition.access)
    const breaches = takeBreachRows(partition.breaches)
    partition.group = emptyGroup(group.sequence)
    const erasures = takeErasures(partition.erasures)
    const rectifications = takeRectifications(partition.rectifications)
    const facts = takeFacts(partition.facts)
    const owed = [...partition.facts.owed.keys()]
    return { group, untilMs: state.now, rows, access, erasures, rectifications, breaches, facts, owed }
  })
}

async function storeGroup({ link, number, counts }: Partition, { group }: Taken): Promise<void> {
  const stored = await storeResults(link, number, rulesVersion, group.results, limits.publishTimeoutMs)
  counts.add('ringtrail_results_stored_total', [], stored)
}

/**
 * Keys first: a position is never past the message that brought a key which no disk has, nor past an erasure that somebody asked
 * for, a fact or a record of a chain that the key store has not seen.
 */
async function takeKeys(partition: Partition, taken: Taken): Promise<void> {
  const { keys, counts } = partition
  const { group, facts } = taken
  for (const record of group.audit) if (record.action === 'restored') await keys.saidRestored(record)
  keys.see(positionAfter(partition, taken), lastOfEach(group.audit))
  for (const { tenant, request, names, atMs, because } of taken.erasures)
    if (because !== 'withdrawal') await keys.noteErasure(tenant, request, names, atMs)
  if (facts.length > 0 || group.audit.length > 0) await keys.noteFacts(facts)
  if (group.keys.length === 0) return
  const { taken: fresh, unreadable, refused } = await keys.take(group.keys)
  counts.add('ringtrail_keys_taken_total', ['taken'], fresh)
  counts.add('ringtrail_keys_taken_total', ['unreadable'], unreadable)
  counts.add('ringtrail_keys_taken_total', ['erased'], refused)
}

/** The last record of each chain. */
function lastOfEach(records: readonly AuditRecord[]): AuditRecord[] {
  return [...new Map(records.map(record => [record.tenant, record])).values()]
}

function positionAfter({ mark, logCreatedAt: log }: Partition, { group }: Taken): Position {
  const after = group.last === null ? mark : markOf(group.last)
  return { sequence: group.sequence, rules: rulesVersion, log, mark: after }
}

function keysAfter({ keys }: Partition, { owed }: Taken): KeysKnown {
  return { store: keys.identity, changes: keys.changes(), ...(owed.length > 0 && { owed }) }
}

async function commit(partition: Partition, taken: Taken): Promise<void> {
  const { group, rows, access, erasures, rectifications, breaches } = taken
  const { store, counts } = partition
  for (const aside of group.asides) await store.setAside(aside)
  const began = performance.now()
  const position = positionAfter(partition, taken)
  await store.commit({
    rows,
    access,
    history: group.history,
    erasures: erasures.map(rowOf),
    rectifications: rectifications.map(rectificationRow),
    audit: group.audit,
    breaches,
    position,
    keys: keysAfter(partition, taken),
    expected: partition.committed,
  })
  counts.observe('ringtrail_commit_seconds', (performance.now() - began) / 1_000)
  counts.set('ringtrail_partition_position', [String(partition.number)], group.sequence)
  partition.committed = group.sequence
  partition.storedUntilMs = taken.untilMs
  committed(partition.erasures, erasures)
  storedRectifications(partition.rectifications, rectifications)
  storedUpTo(partition.audit, group.audit)
  partition.mark = position.mark
}

/**
 * A failing disk or stream delays the commit, it loses nothing: the same group is tried again until it is through. Says
 * whether it is; it is not where the partition stops, or where we are told to end.
 */
async function untilDone(
  partition: Partition,
  attempt: () => Promise<void>,
  closing: () => boolean,
): Promise<boolean> {
  for (;;) {
    try {
      await attempt()
      partition.failedCommits = 0
      return true
    } catch (error) {
      if (error instanceof TwoWriters) {
        stop(partition, 'two_writers')
        return false
      }
      partition.failedCommits += 1
      partition.counts.add('ringtrail_commit_failures_total', [])
      partition.logger.warn(
        { partition: partition.number, code: (error as { code?: unknown }).code ?? null },
        'commit_failed',
      )
      if (closing()) return false
      await new Promise(resolve => setTimeout(resolve, retryMs))
    }
  }
}
