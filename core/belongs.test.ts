import { expect, test } from 'vitest'
import { type SubjectSet, seenCall } from './belongs.ts'
import type { CallRecord } from './outcome.ts'
import { number, policyOf, tell } from './story.ts'
import type { Pseudonym } from './words.ts'

/** Anna calls, comes back, and calls again: two touches, two calls of one caller. */
function annasCall(): CallRecord {
  const story = tell(policyOf(1))
  story.hello(0, 'anna')
  story.signal(1, 'c1', number(0), { a: 'kim' })
  story.hello(500, 'anna')
  story.signal(501, 'c2', number(0), { a: 'kim' })
  return story.call('c2')
}

const record = annasCall()
const subjects = (of: Partial<Record<keyof SubjectSet, readonly string[]>>): SubjectSet => ({
  visitors: new Set(of.visitors),
  sessions: new Set(of.sessions),
  callers: new Set(of.callers),
  entered: new Set(of.entered),
})
const pathSeen = (of: Parameters<typeof subjects>[0], from: CallRecord = record) => {
  const seen = seenCall(from, subjects(of))
  const { shownMs, touches, duplicateOf, history } = seen?.record ?? record
  return {
    side: seen?.side,
    shownMs,
    touches: touches.map(one => one.session),
    duplicateOf: duplicateOf?.call ?? null,
    said: history.map(one => one.match),
  }
}

test('the tenant sees the whole path', () => {
  expect(record.touches).toHaveLength(2)
  expect(record.duplicateOf).toEqual({ carrier: 'generic', call: 'c1' })
  expect(seenCall(record, 'everyone')?.record).toEqual(record)
})

test('a visitor sees the own path, and nothing that tells of the caller', () => {
  const [first, second] = record.touches.map(one => String(one.session)) as [string, string]
  expect(pathSeen({ visitors: ['anna'] })).toEqual({
    ...{ side: 'visitor', shownMs: 1_000, touches: [first, second], duplicateOf: null, said: [] },
  })
  expect(pathSeen({ sessions: [second] })).toMatchObject({ shownMs: 1_000, touches: [second] })
})

test('a caller sees no path of a visitor, and the own calls', () => {
  expect(pathSeen({ callers: ['kim'] })).toEqual({
    ...{ side: 'caller', shownMs: null, touches: [], duplicateOf: 'c1', said: [null] },
  })
})

test('who is both sees both', () => {
  expect(pathSeen({ callers: ['kim'], visitors: ['anna'] })).toMatchObject({
    ...{ side: 'whole', shownMs: 1_000, duplicateOf: 'c1' },
  })
})

test('who may have called instead sees nothing of the path', () => {
  const bo = {
    session: 'bos',
    visitor: 'bo',
    confidence: 100,
  } as unknown as CallRecord['match']['candidates'][0]
  const shared = { ...record, match: { ...record.match, candidates: [...record.match.candidates, bo] } }
  expect(pathSeen({ visitors: ['bo'] }, shared)).toMatchObject({
    side: 'visitor',
    shownMs: null,
    touches: [],
  })
})

test('a record from before there were paths is seen as one without', () => {
  const { totalMs, duplicateOf, shownMs, touches, history, ...old } = record
  expect(seenCall(old, subjects({ callers: ['kim' as Pseudonym] }))?.record).toMatchObject({
    touches: [],
    history: [],
  })
})
