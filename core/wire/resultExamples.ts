import type { CallRecord } from '../outcome.ts'
import type { LogTime, PerMille, PhoneNumber, Pseudonym, SessionId, VisitorId } from '../words.ts'
import type { Result, ResultMessage } from './result.ts'

/** Results as documents show them: a call that was answered, a signal that was refused, and a visit that ended. */

const rangAt = Date.UTC(2026, 0, 1, 12) as LogTime
const later = (ms: number) => (rangAt + ms) as LogTime
const session = 'BBBBBBBBBBBBBBBBBBBBBB' as SessionId
const visitor = 'AAAAAAAAAAAAAAAAAAAAAA' as VisitorId
const [a, b, c] = ['CCCCCCCCCCCCCCCCCCCCCC' as Pseudonym, '+4570000001' as PhoneNumber, null]
const source = {
  ...{ source: 'google', medium: 'cpc', campaign: 'spring', content: null, keyword: null },
  channel: 'Paid Search',
  provenance: {
    ...({ source: 'utm', medium: 'utm', campaign: 'utm', content: null, keyword: null } as const),
  },
}
const confidence = 990 as PerMille
const match = {
  ...({ kind: 'exact', confidence, session, visitor, source } as const),
  candidates: [{ session, visitor, confidence }],
  reasons: ['exact:one-holder'],
}
const heard = { statedAt: null, ahead: false, a, b, c, reason: null }

const record: CallRecord = {
  ...{ carrier: 'generic', call: 'c-1', a, b, c },
  ...{ rangAt, answeredAt: later(9_000), endedAt: null, ringMs: 9_000, talkMs: null, totalMs: null },
  ...{ outcome: 'in-progress', reason: null, qualified: false, firstTime: true, duplicateOf: null },
  shownMs: 42_000,
  touches: [{ at: later(-42_000), session, source }],
  match,
  forward: '+4578792222' as PhoneNumber,
  heard: [
    { ...heard, state: 'ring', at: rangAt },
    { ...heard, state: 'answer', at: later(9_000) },
  ],
  history: [
    { revision: 1, at: rangAt, because: 'ring', match: { kind: 'exact', confidence, source } },
    { revision: 2, at: later(9_000), because: 'answer', match: null },
  ],
}

const tenant = 'acme'
const message = (results: readonly Result[]): ResultMessage => ({
  ...{ version: 1, tenant, partition: 3, rules: 2, results },
})

/** By the last token of their subject. */
export const resultExamples = {
  call: message([
    {
      ...{ sequence: 4_711, index: 0, at: later(9_000) },
      outcome: { kind: 'call-changed', tenant, record, state: 'answer', corrects: false },
    },
    {
      ...{ sequence: 4_712, index: 0, at: later(9_500) },
      outcome: { kind: 'refused', tenant, problem: 'before-retention', call: 'c-0' },
    },
  ]),
  session: message([
    {
      ...{ sequence: 4_790, index: 0, at: later(360_000) },
      outcome: {
        ...({ kind: 'session-ended', tenant, session, visitor, because: 'idle' } as const),
        ...{ startedAt: later(-42_000), endedAt: later(300_000) },
      },
    },
  ]),
} as const
