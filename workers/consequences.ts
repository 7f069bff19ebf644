import { isInputKind } from '../core/knownSeries.ts'
import type { Outcome } from '../core/outcome.ts'
import { sessionOf } from '../core/reply.ts'
import { recordsOf } from './auditRows.ts'
import type { Counts } from './counts.ts'
import type { Applied, Group, Turn } from './group.ts'
import type { Partition } from './partition.ts'
import { keptOf } from './remember.ts'
import { resultsOf } from './results.ts'
import type { HistoryRow } from './history.ts'

type Worked = Pick<Partition, 'group' | 'counts' | 'audit' | 'number'>

/**
 * Works out what follows from a group's turns, in their order: results for outsiders, rows of the history, audit records, counts.
 */
export function workOut({ group, counts, audit, number }: Worked): void {
  for (const turn of group.turns) {
    follow(group, turn)
    group.audit.push(...recordsOf(audit, number, turn))
    count(counts, turn)
  }
  group.turns.length = 0
}

function follow({ results, history }: Group, { sequence, at, lane, applied }: Turn): void {
  const outcomes = applied.flatMap(one => one.outcomes)
  const kind = lane === 'call' ? 'call' : 'session'
  results.push(...resultsOf({ sequence, at, kind }, outcomes))
  applied.forEach((one, index) => {
    const row = historyRow(one)
    if (row !== null) history.push({ ...row, atMs: at, sequence, index })
  })
}

/** Visits and what was sealed with them are kept by time, per tenant, until retention ends. */
function historyRow({ event, outcomes }: Applied): Pick<HistoryRow, 'tenant' | 'event'> | null {
  const { clear, personal } = event
  if (personal === null || !('tenant' in clear)) return null
  const kept = keptOf(clear, outcomes)
  if (kept === null) return null
  return { tenant: clear.tenant, event: { clear: kept, personal, session: sessionOf(outcomes) } }
}

function count(counts: Counts, { applied, lagMs }: Turn): void {
  for (const { event, outcomes } of applied) {
    const { kind } = event.clear
    if (isInputKind(kind)) counts.add('ringtrail_entries_total', [kind])
    for (const outcome of outcomes) countOutcome(counts, outcome)
  }
  counts.observe('ringtrail_log_to_applied_seconds', lagMs / 1_000)
}

function countOutcome(counts: Counts, outcome: Outcome): void {
  counts.add('ringtrail_outcomes_total', [outcome.kind])
  if (outcome.kind === 'call-changed') counts.add('ringtrail_matches_total', [outcome.record.match.kind])
  if (outcome.kind === 'forgotten') {
    counts.add('ringtrail_forgotten_total', [outcome.what, outcome.because], outcome.keys.length)
  }
  if (outcome.kind === 'number-lent' && outcome.shared) {
    counts.add('ringtrail_pool_overflowed_total', [outcome.tenant, outcome.pool, 'share'])
  }
  if (outcome.kind === 'fallback-shown' && outcome.pool !== null) {
    counts.add('ringtrail_pool_overflowed_total', [outcome.tenant, outcome.pool, 'fallback'])
  }
}
