import type { Engagement, Hello, Input, Page } from './input.ts'
import type { Outcome } from './outcome.ts'
import type { LentNumber, Reply } from './wire/reply.ts'
import type { SessionId } from './words.ts'

/** What the gateway that waits is told of an event: read off the outcomes, so that it cannot disagree with them. */
export function replyTo(input: Input, outcomes: readonly Outcome[]): Reply {
  switch (input.kind) {
    case 'hello':
    case 'page':
    case 'engagement':
      return visitReply(input, outcomes)
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

/** The session that an event of a visitor belongs to; null: to none, because it was refused, or is of no visitor. */
export function sessionOf(outcomes: readonly Outcome[]): SessionId | null {
  for (const outcome of outcomes) {
    const { kind } = outcome
    if (kind === 'session-opened' || kind === 'session-joined' || kind === 'session-seen')
      return outcome.session
  }
  return null
}

/** An event of a session that goes on and shows what it showed is only acknowledged; any other tells session and numbers. */
function visitReply({ visitor }: Hello | Page | Engagement, outcomes: readonly Outcome[]): Reply {
  let session: SessionId | null = null
  let resumed = true
  let isNews = false
  const numbers: LentNumber[] = []
  for (const outcome of outcomes) {
    const { kind } = outcome
    if (kind === 'session-opened' || kind === 'session-joined' || kind === 'session-seen') {
      session = outcome.session
      resumed = kind !== 'session-opened'
      isNews = kind !== 'session-seen'
    } else {
      const number = lentNumber(outcome)
      if (number !== null) numbers.push(number)
    }
  }
  if (session === null) return problemIn(outcomes) ?? { kind: 'done' }
  if (!isNews && numbers.length === 0) return { kind: 'done' }
  return { kind: 'visit', session, visitor, resumed, numbers }
}

function lentNumber(outcome: Outcome): LentNumber | null {
  switch (outcome.kind) {
    case 'number-lent':
    case 'number-kept': {
      const { target, number, shared } = outcome
      return { target, number, kind: shared ? 'shared' : 'assigned' }
    }
    case 'fallback-shown': {
      const { target, number } = outcome
      return { target, number, kind: number === null ? 'fallback' : 'static' }
    }
    default:
      return null
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
