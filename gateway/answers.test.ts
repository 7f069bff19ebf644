import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import type { Match } from '../core/outcome.ts'
import { signalAnswer } from '../core/wire/signal.ts'
import type { PerMille, PhoneNumber, SessionId, VisitorId } from '../core/words.ts'
import { deferredAnswer, toAnswer } from './answers.ts'

const shape = Compile(signalAnswer)
const session = 'c2Vzc2lvbi1hbm5hLTAwMQ' as SessionId
const visitor = 'dmlzaXRvci1hbm5hLTAwMQ' as VisitorId
const forward = '+12025550199' as PhoneNumber

const shared: Match = {
  kind: 'shared',
  confidence: 613 as PerMille,
  session,
  visitor,
  source: {
    ...{ source: 'google', medium: 'cpc', campaign: 'spring', content: null, keyword: null },
    channel: 'Paid Search',
    provenance: { source: 'click-id', medium: 'click-id', campaign: 'utm', content: null, keyword: null },
  },
  candidates: [
    { session, visitor, confidence: 613 as PerMille },
    { session, visitor, confidence: 387 as PerMille },
  ],
  reasons: ['exact:several-holders', 'shared:two'],
}
const none: Match = {
  ...shared,
  kind: 'none',
  confidence: 0 as PerMille,
  session: null,
  visitor: null,
  source: null,
  candidates: [],
  reasons: [],
}

test('a match is answered with probabilities', () => {
  expect(toAnswer('c1', shared, forward)).toEqual({
    call: 'c1',
    match: {
      ...shared,
      confidence: 0.613,
      candidates: [
        { session, visitor, confidence: 0.613 },
        { session, visitor, confidence: 0.387 },
      ],
    },
    forward,
  })
})

test('of a source that an older entry has, channel and what named it are not known', () => {
  const source = { source: 'google', medium: 'cpc', campaign: 'spring', content: null, keyword: null }
  const answer = toAnswer('c1', { ...shared, source }, forward)
  expect(answer.match.source).toEqual({ ...source, channel: null, provenance: null })
  expect(shape.Errors(JSON.parse(JSON.stringify(answer)))).toEqual([])
})

test('every answer has the documented shape with all its keys, also when nothing is known', () => {
  const certain = { ...shared, confidence: 1_000 as PerMille }
  const answers = [
    toAnswer('c1', shared, forward),
    toAnswer('c1', certain, null),
    toAnswer('c1', none, null),
    deferredAnswer('c1', forward, 'deferred:budget'),
  ]
  for (const answer of answers) {
    expect(shape.Errors(JSON.parse(JSON.stringify(answer)))).toEqual([])
    expect(Object.keys(answer)).toEqual(['call', 'match', 'forward'])
  }
})

test('a deferred answer knows where the call goes and nothing else', () => {
  const { match, forward: to } = deferredAnswer('c1', forward, 'deferred:budget')
  expect(to).toBe(forward)
  expect(match).toEqual({ ...none, kind: 'deferred', reasons: ['deferred:budget'] })
})
