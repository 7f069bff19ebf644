import type { CallRecord, Revision, Touch } from '../core/outcome.ts'
import { creditsOf } from '../core/credit.ts'
import type { CallPolicy } from '../core/policy.ts'
import { type KeptCall, wholeCall } from '../core/wholeCall.ts'
import { toWire } from './answers.ts'

/** A call record without the pseudonyms: whoever may see callers asks for them elsewhere. */
export function callOnTheWire(kept: KeptCall): Record<string, unknown> {
  const record = wholeCall(kept)
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
    ...pathOnTheWire(record),
  }
}

type Path = Pick<CallRecord, 'totalMs' | 'duplicateOf' | 'shownMs' | 'touches' | 'history'>

function pathOnTheWire({ totalMs, duplicateOf, shownMs, touches, history }: Path) {
  const iso = (at: number) => new Date(at).toISOString()
  return {
    totalMs,
    duplicateOf,
    shownMs,
    touches: touches.map((one: Touch) => ({ ...one, at: iso(one.at) })),
    history: history.map(({ match, ...one }: Revision) => ({
      ...one,
      at: iso(one.at),
      match: match === null ? null : { ...match, confidence: match.confidence / 1_000 },
    })),
  }
}

/** Who gets the credit for a call under each model, as shares of a million. */
export function creditOnTheWire(kept: KeptCall, settings: Pick<CallPolicy, 'halfLifeMs'>) {
  const credits = Object.entries(creditsOf(wholeCall(kept), settings))
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  return Object.fromEntries(
    credits.map(([model, shares]) => [model, shares.map(one => ({ ...one, at: iso(one.at) }))]),
  )
}
