import { limits } from '../../core/limits.ts'
import type { RecordedSession } from './record.ts'

/**
 * Signs of life between the events that are kept. Of those that were only beats the record has the first and the last of each
 * stretch (rule E1): what lies between is put back at the pace in which pages beat, so that a stretch has no gap that it did
 * not have. At which moments inside a stretch they really came is not known.
 */
export type Signs = {
  readonly count: number
  /** Log time of the n-th sign, and whose it is, as a place in `sessions`. */
  readonly at: Float64Array
  readonly of: Uint32Array
  readonly sessions: readonly RecordedSession[]
}

/** In the order of time. */
export function signsOf(
  all: Iterable<RecordedSession>,
  { fromMs, toMs, everyMs }: { readonly fromMs: number; readonly toMs: number; readonly everyMs: number },
): Signs {
  const sessions = [...all]
  const paceMs = paced(sessions, everyMs)
  const times: number[] = []
  const owners: number[] = []
  sessions.forEach(({ spans, startedAt }, place) => {
    for (const [from, last] of spans) {
      // The event that opened the session is its first sign, and is kept.
      const first = from === startedAt ? from + paceMs : from
      for (let at = first; at < last; at += paceMs) add(at, place)
      if (last !== startedAt) add(last, place)
    }
  })
  function add(at: number, place: number): void {
    if (at < fromMs || at >= toMs) return
    times.push(at)
    owners.push(place)
  }
  const order = Uint32Array.from(times.keys()).sort(
    (one, other) => (times[one] as number) - (times[other] as number) || one - other,
  )
  return {
    count: times.length,
    at: Float64Array.from(order, place => times[place] as number),
    of: Uint32Array.from(order, place => owners[place] as number),
    sessions,
  }
}

/** Fewer where there would be too many to hold, which nobody sees unless an idle timeout is as short as that. */
function paced(sessions: readonly RecordedSession[], everyMs: number): number {
  let livedMs = 0
  let spans = 0
  for (const session of sessions) {
    spans += session.spans.length
    for (const [from, last] of session.spans) livedMs += last - from
  }
  return Math.max(everyMs, livedMs / Math.max(1, limits.whatIfBeatsMax - 2 * spans))
}

const heartbeatMostMs = 30_000

/** The pace in which pages beat, given the shortest idle timeout among all that are looked at. */
export function paceFor(idleTimeouts: readonly number[]): number {
  return Math.max(
    100,
    Math.min(heartbeatMostMs, Math.floor(Math.min(...idleTimeouts, 3 * heartbeatMostMs) / 3)),
  )
}
