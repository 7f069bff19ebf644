import { idleEnd } from './arrive.ts'
import { truths } from './due.ts'
import type { Forgotten, Outcome } from './outcome.ts'
import type { Session } from './records.ts'
import type { State } from './state.ts'
import type { LogTime } from './words.ts'

/**
 * What time alone brings: sessions that are over are announced, what is past its time leaves memory (rule E7). Nothing here
 * changes an answer, because whether something has expired is decided where it is read.
 */
export function decidePulse(state: State): Outcome[] {
  const outcomes: Outcome[] = []
  announce(state, outcomes)
  forgetDue(state, outcomes)
  return outcomes
}

function announce({ inOrder, now, bounds }: State, outcomes: Outcome[]): void {
  for (const index of inOrder) {
    const left = bounds.endPerPulseMax - outcomes.length
    for (const key of index.due.ends.due(now, left, truths.ends(index)))
      outcomes.push(idleEnd(index.id, index.sessions.get(key) as Session))
  }
}

function forgetDue(state: State, outcomes: Outcome[]): void {
  const { now, inOrder, silences } = state
  let left = state.bounds.forgetPerPulseMax
  const forget = (tenant: string, what: Forgotten['what'], keys: readonly string[]) => {
    left -= keys.length
    if (keys.length > 0) outcomes.push({ kind: 'forgotten', tenant, what, because: 'retention', keys })
  }
  for (const index of inOrder) {
    const { id, due } = index
    forget(id, 'session', due.sessions.due(now, left, truths.sessions(index)))
    forget(id, 'call', due.calls.due(now, left, truths.calls(index)))
    forget(id, 'caller', due.callers.due(now, left, truths.callers(index)))
  }
  forget('', 'producer', silences.due(now, left, truths.producers(state)))
}

/** The earliest log time at which a pulse would say something; null: nothing is pending. */
export function nextPulseAt(state: State): LogTime | null {
  let earliest = state.silences.first(truths.producers(state))?.at ?? null
  for (const index of state.inOrder) {
    const { due } = index
    for (const first of [
      due.ends.first(truths.ends(index)),
      due.sessions.first(truths.sessions(index)),
      due.calls.first(truths.calls(index)),
      due.callers.first(truths.callers(index)),
    ]) {
      if (first !== null && (earliest === null || first.at < earliest)) earliest = first.at
    }
  }
  return earliest as LogTime | null
}
