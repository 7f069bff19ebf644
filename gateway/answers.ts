import type { Match } from '../core/outcome.ts'
import { toWire } from '../core/shownCall.ts'
import type { PhoneNumber } from '../core/words.ts'
import type { SignalAnswer } from '../core/wire/signal.ts'

/** The answer to one call signal as strangers read it. Every key is always there; what is unknown is null. */
export function toAnswer(call: string, match: Match, forward: PhoneNumber | null): SignalAnswer {
  return { call, match: toWire(match), forward }
}

/** What a gateway says alone, when neither log nor worker answered in time: the match follows as a result. */
export function deferredAnswer(call: string, forward: PhoneNumber | null, reason: string): SignalAnswer {
  return { call, match: { ...nothingKnown, candidates: [], reasons: [reason] }, forward }
}

const nothingKnown = {
  kind: 'deferred',
  confidence: 0,
  session: null,
  visitor: null,
  source: null,
} as const
