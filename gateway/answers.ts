import type { Candidate, Match } from '../core/outcome.ts'
import { wholeSource } from '../core/source.ts'
import type { PhoneNumber } from '../core/words.ts'
import type { MatchOnTheWire, SignalAnswer } from '../core/wire/signal.ts'

/** The answer to one call signal as strangers read it. Every key is always there; what is unknown is null. */
export function toAnswer(call: string, match: Match, forward: PhoneNumber | null): SignalAnswer {
  return { call, match: toWire(match), forward }
}

/** A match with its confidence as a probability, 0 to 1, instead of thousandths. */
export function toWire(match: Match): MatchOnTheWire {
  return {
    kind: match.kind,
    confidence: match.confidence / 1_000,
    session: match.session,
    visitor: match.visitor,
    source: match.source === null ? null : wholeSource(match.source),
    candidates: match.candidates.map(candidateToWire),
    reasons: [...match.reasons],
  }
}

function candidateToWire(candidate: Candidate): MatchOnTheWire['candidates'][number] {
  return { session: candidate.session, visitor: candidate.visitor, confidence: candidate.confidence / 1_000 }
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
