import type { Input } from './input.ts'
import type { Outcome } from './outcome.ts'
import type { State } from './state.ts'
import type { LentNumber, Reply } from './wire/reply.ts'
import type { SessionId } from './words.ts'

/** What the gateway that waits is told of an event: read off the outcomes, so that it cannot disagree with them. */
export function replyTo(state: State, input: Input, outcomes: readonly Outcome[]): Reply {
  switch (input.kind) {
    case 'hello':
      return visitReply(state, outcomes)
    case 'page':
    case 'engagement':
      return eventReply(state, outcomes)
    case 'beats':
      return beatsReply(outcomes)
    case 'signal':
      return callReply(outcomes)
    default:
      return problemIn(outcomes) ?? { kind: 'done' }
  }
}

function problemIn(outcomes: readonly Outcome[]): Reply | null {
  for (const outcome of outcomes)
    if (outcome.kind === 'refused') return { kind: 'problem', code: outcome.problem }
  return null
}

/** An event of a session that goes on, repeated or not, changes nothing that the page shows: it is only acknowledged. */
function eventReply(state: State, outcomes: readonly Outcome[]): Reply {
  const reply = visitReply(state, outcomes)
  return reply.kind === 'visit' && reply.resumed && reply.numbers.length === 0 ? { kind: 'done' } : reply
}

function visitReply(state: State, outcomes: readonly Outcome[]): Reply {
  const [first] = outcomes
  if (first?.kind !== 'session-opened' && first?.kind !== 'session-joined')
    return problemIn(outcomes) ?? { kind: 'done' }
  const numbers = outcomes.flatMap(lentNumber)
  const session = state.tables.sessions.get(first.session)
  if (session === undefined) return { kind: 'done' }
  return {
    kind: 'visit',
    session: session.session,
    visitor: session.visitor,
    resumed: first.kind === 'session-joined',
    numbers,
  }
}

function lentNumber(outcome: Outcome): LentNumber[] {
  switch (outcome.kind) {
    case 'number-lent':
    case 'number-kept':
      return [
        { target: outcome.target, number: outcome.number, kind: outcome.shared ? 'shared' : 'assigned' },
      ]
    case 'fallback-shown':
      return [
        {
          target: outcome.target,
          number: outcome.number,
          kind: outcome.number === null ? 'fallback' : 'static',
        },
      ]
    default:
      return []
  }
}

function beatsReply(outcomes: readonly Outcome[]): Reply {
  const sessions: SessionId[] = []
  for (const outcome of outcomes) if (outcome.kind === 'session-gone') sessions.push(outcome.session)
  return sessions.length === 0 ? { kind: 'done' } : { kind: 'gone', sessions }
}

function callReply(outcomes: readonly Outcome[]): Reply {
  for (const outcome of outcomes) {
    if (outcome.kind === 'call-changed')
      return { kind: 'call', match: outcome.record.match, forward: outcome.record.forward }
    if (outcome.kind === 'call-repeated')
      return { kind: 'call', match: outcome.match, forward: outcome.forward }
  }
  return problemIn(outcomes) ?? { kind: 'done' }
}
