import { unpack } from '../../config/pack.ts'
import { apply } from '../../core/machine.ts'
import type { Outcome } from '../../core/outcome.ts'
import { createState, restoreState, rulesVersion, type State, type TableName } from '../../core/state.ts'
import { gather, type PendingResult, resultsOf } from '../../workers/results.ts'
import { changedRows, type Row } from '../../workers/rows.ts'
import type { Chance } from '../load/chance.ts'
import type { Consumer } from './consumer.ts'
import type { Bounds } from './oracle/facts.ts'
import type { Message } from './story.ts'

/**
 * One owner of the partition, as a worker thread is: it applies in memory, commits in groups, results first, and when
 * it dies it begins again at what it committed last. Only the disk and the stream are played.
 */
export type Owner = {
  readonly bounds: Bounds
  state: State
  /** What the disk holds, and up to which message. */
  readonly disk: Map<string, { table: string; key: string; bytes: Uint8Array }>
  committed: number
  /** How many messages were applied in memory. */
  applied: number
  pending: PendingResult[]
  /** Taken from the state, but neither stored nor committed yet: entries may be applied meanwhile. */
  commit: Commit | null
}

type Commit = {
  readonly rows: readonly Row[]
  readonly applied: number
  readonly results: readonly PendingResult[]
}

export function createOwner(bounds: Bounds): Owner {
  const state = createState(bounds)
  return { bounds, state, disk: new Map(), committed: 0, applied: 0, pending: [], commit: null }
}

export function turn(
  owner: Owner,
  message: Message,
  check: (state: State, concluded: readonly Outcome[]) => void,
): Outcome[][] {
  const outcomes = message.map(entry => {
    const concluded = apply(owner.state, entry)
    check(owner.state, concluded)
    return concluded
  })
  owner.pending.push(...resultsOf(originOf(owner.state, message), outcomes.flat()))
  owner.applied += 1
  return outcomes
}

function originOf(state: State, message: Message) {
  const isCall = message.some(entry => entry.input.kind === 'signal')
  const kind: 'call' | 'session' = isCall ? 'call' : 'session'
  return { sequence: message[0]?.sequence ?? 0, at: state.now, kind }
}

/** Results of a stretch, as the consumer sees them. */
export function publish(consumer: Consumer, results: readonly PendingResult[], share = 1): void {
  const messages = gather(consumer.partition, rulesVersion, results)
  for (const { message } of messages.slice(0, Math.ceil(messages.length * share))) consumer.take(message)
}

/** Few, so that a crash comes while rows of a tenant that has ended are still there. */
const leavingPerCommit = 2

export function beginCommit(owner: Owner): void {
  owner.commit = {
    rows: changedRows(owner.state, leavingPerCommit),
    applied: owner.applied,
    results: owner.pending,
  }
  owner.pending = []
}

export function finishCommit(owner: Owner, consumer: Consumer): void {
  const { commit } = owner
  if (commit === null) return
  publish(consumer, commit.results)
  for (const { table, key, bytes } of commit.rows) {
    const id = `${table} ${key}`
    if (bytes === null) owner.disk.delete(id)
    else owner.disk.set(id, { table, key, bytes })
  }
  owner.committed = commit.applied
  owner.commit = null
}

/** Dies, perhaps after some of a commit's results were stored, and begins again at what was committed. */
export function crash(owner: Owner, consumer: Consumer, chance: Chance): void {
  if (owner.commit !== null) publish(consumer, owner.commit.results, chance.pick([0, 0.5, 1]))
  owner.commit = null
  owner.pending = []
  owner.applied = owner.committed
  owner.state = restoreState(rowsOn(owner), owner.bounds)
}

/** In the order of their keys, as the store gives them back. */
function rowsOn({ disk }: Owner): { table: TableName; key: string; value: unknown }[] {
  return [...disk.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { table, key, bytes }]) => ({ table: table as TableName, key, value: unpack(bytes) }))
}

/** Now and then begins a commit, finishes one, or dies. True: it died, and the tail has to be applied again. */
export function live(owner: Owner, consumer: Consumer, chance: Chance): boolean {
  if (owner.commit !== null && chance.happens(0.5)) finishCommit(owner, consumer)
  if (owner.commit === null && chance.happens(0.15)) beginCommit(owner)
  if (!chance.happens(0.03)) return false
  crash(owner, consumer, chance)
  return true
}
