import type { CallRecord, Match } from '../../core/outcome.ts'
import type { Source } from '../../core/policy.ts'
import type { LogTime, PerMille, PhoneNumber, SessionId, VisitorId } from '../../core/words.ts'

/** Records of calls for tests, by what is of interest. */
export function sourceOf(source: string, medium = 'cpc', campaign: string | null = null): Source {
  return { source, medium, campaign, content: null, keyword: null }
}

export function matchWith(more: Partial<Record<keyof Match, unknown>> = {}): Match {
  const match = {
    kind: 'exact',
    confidence: 900 as PerMille,
    session: 'S'.repeat(22) as SessionId,
    visitor: 'V'.repeat(22) as VisitorId,
    source: sourceOf('google'),
    candidates: [],
    reasons: ['exact:one-holder'],
  }
  return { ...match, ...more } as Match
}

export function recordWith(more: Partial<Record<keyof CallRecord, unknown>> = {}): CallRecord {
  const rangAt = (more.rangAt ?? 1_000) as LogTime
  const record = {
    ...{ carrier: 'generic', call: 'c1', a: null, b: '+4570000001' as PhoneNumber, c: null },
    ...{ rangAt, answeredAt: null, endedAt: null, ringMs: null, talkMs: null },
    ...{ outcome: 'ringing', reason: null, qualified: false, firstTime: true },
    match: matchWith(),
    forward: null,
    heard: [{ state: 'ring', at: rangAt }],
    ...{ totalMs: null, duplicateOf: null, shownMs: null, touches: [], history: [] },
  }
  return { ...record, ...more } as unknown as CallRecord
}
