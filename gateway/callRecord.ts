import type { CallRecord } from '../core/outcome.ts'
import { toWire } from './answers.ts'

/** A call record without the pseudonyms: whoever may see callers asks for them elsewhere. */
export function callOnTheWire(record: CallRecord): Record<string, unknown> {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const { carrier, call, b, ringMs, talkMs, outcome, reason, qualified, firstTime, forward } = record
  return {
    call,
    carrier,
    b,
    rangAt: iso(record.rangAt),
    answeredAt: iso(record.answeredAt),
    endedAt: iso(record.endedAt),
    ringMs,
    talkMs,
    outcome,
    reason,
    qualified,
    firstTime,
    match: toWire(record.match),
    forward,
  }
}
