import { describe, expect, test } from 'vitest'
import type { MatchOnTheWire } from '../../core/wire/signal.ts'
import {
  type KeptCall,
  type KeptEvent,
  judgeCalls,
  judgeEvents,
  judgeNumbers,
  judgeResults,
} from './judge.ts'
import { createLedger, type Held, type NotedEvent, noteAnswer, noteWelcome } from './ledger.ts'
import type { Consumed } from './results.ts'

/** Each check is shown one thing that does not hold, and has to say so. */

const anna: Held = { visitor: 'anna', session: 'sa', number: '+4570000001', kind: 'assigned' }
const bo: Held = { visitor: 'bo', session: 'sb', number: '+4570000002', kind: 'assigned' }

function match(
  kind: MatchOnTheWire['kind'],
  session: string | null,
  candidates: string[] = [],
): MatchOnTheWire {
  const listed = candidates.map(one => ({ session: one, visitor: one, confidence: 0.5 }))
  return { kind, session, visitor: null, confidence: 0.97, source: null, candidates: listed, reasons: [] }
}

describe('numbers', () => {
  const lent = new Map([['+4570', 2]])

  test('as they should be: each its own, and a third told that it shares', () => {
    const cy = { ...anna, visitor: 'cy', session: 'sc', kind: 'shared' }
    expect(judgeNumbers([anna, bo, cy], lent)).toEqual([])
  })

  test('two visits for whom one number was lent alone', () => {
    expect(judgeNumbers([anna, { ...bo, number: anna.number }], lent)).toEqual([
      'a number is held by two sessions',
    ])
  })

  test('a number that is shared while another is free', () => {
    expect(judgeNumbers([anna, { ...bo, number: anna.number, kind: 'shared' }], lent)).toEqual([
      'a number is shared although 1 were free',
    ])
  })

  test.each([
    ['session', 'a visitor came back and had another session'],
    ['number', 'a visitor came back and had another number'],
    ['kind', 'a visitor came back and its number was other, not assigned'],
  ])('a visitor who comes back to another %s', (what, trouble) => {
    const ledger = createLedger()
    noteWelcome(ledger, anna)
    noteWelcome(ledger, anna)
    expect(ledger.troubles).toEqual([])
    noteWelcome(ledger, { ...anna, [what]: 'other' })
    expect(ledger.troubles).toEqual([trouble])
  })
})

describe('events', () => {
  const noted: NotedEvent = {
    kind: 'page',
    tenant: 'bench',
    visitor: 'anna',
    tab: 't',
    id: 7,
    acknowledgedAt: 100,
  }
  const row: KeptEvent = {
    kind: 'page',
    tenant: 'bench',
    visitor: 'anna',
    session: 'sa',
    tab: 't',
    id: 7,
    at: 99,
  }
  const ledger = () => {
    const made = createLedger()
    noteWelcome(made, anna)
    made.events.push({ ...noted })
    return made
  }

  test('as they should be', () => expect(judgeEvents(ledger(), [row])).toEqual([]))

  test.each([
    ['lost', [], ['page 7 of anna/t at bench was acknowledged and is lost']],
    ['kept twice', [row, row], ['page 7 of anna/t at bench is kept twice']],
    [
      'in another session',
      [{ ...row, session: 'sb' }],
      ['page 7 of anna/t at bench is kept in another session'],
    ],
    [
      'lost, and kept by its repetition',
      [{ ...row, at: 200 }],
      ['page 7 of anna/t at bench was lost and came back by its repetition'],
    ],
    ['never sent', [row, { ...row, id: 8 }], ['page 8 of anna/t at bench is kept, unsent']],
  ])('%s', (_, rows, troubles) => expect(judgeEvents(ledger(), rows)).toEqual(troubles))

  test('what was not acknowledged may be lost', () => {
    const made = createLedger()
    made.events.push({ ...noted, acknowledgedAt: null })
    expect(judgeEvents(made, [])).toEqual([])
  })
})

describe('calls', () => {
  const kept: KeptCall = { match: match('exact', 'sa'), answeredAt: null, endedAt: 'then' }
  const ledger = (answered = match('exact', 'sa'), holder: Held | null = anna) => {
    const made = createLedger()
    const call = { call: 'call-1', tenant: 'bench', holder }
    noteAnswer(made, { ...call, state: 'ring', match: answered })
    noteAnswer(made, { ...call, state: 'end', match: answered })
    return made
  }
  const judge = (made: ReturnType<typeof ledger>, one: KeptCall | null) =>
    judgeCalls(made, new Map([['call-1', one]]))

  test('as they should be', () => {
    expect(judge(ledger(), kept)).toEqual([])
    expect(judge(ledger(match('deferred', null)), kept)).toEqual([])
    expect(judge(ledger(match('none', null), null), { ...kept, match: match('none', null) })).toEqual([])
    const shared = match('shared', 'sb', ['sb', 'sa'])
    expect(judge(ledger(shared), { ...kept, match: shared })).toEqual([])
  })

  test.each([
    ['lost', ledger(), null, 'call-1 was acknowledged and is lost'],
    ['without its end', ledger(), { ...kept, endedAt: null }, 'call-1 ended, and its record does not know'],
    [
      'of another visit than was answered',
      ledger(match('exact', 'sb'), bo),
      kept,
      'call-1 was answered exact and is kept as exact',
    ],
    ['of a wrong visit', ledger(match('exact', 'sa'), bo), kept, 'call-1 is kept as exact of a wrong visit'],
    [
      'attributed later to nobody',
      ledger(match('deferred', null)),
      { ...kept, match: match('none', null) },
      'call-1 is kept as none of a wrong visit',
    ],
    [
      'shared among others',
      ledger(match('shared', 'sb')),
      { ...kept, match: match('shared', 'sb', ['sb']) },
      'call-1 is kept as shared of a wrong visit',
    ],
  ])('%s', (_, made, one, trouble) => expect(judge(made, one)).toContain(trouble))

  test('an answer that changes', () => {
    const made = ledger()
    noteAnswer(made, {
      call: 'call-1',
      tenant: 'bench',
      holder: anna,
      state: 'end',
      match: match('none', null),
    })
    expect(made.troubles).toEqual(['call-1 was exact, then none'])
  })

  describe('results', () => {
    const found = new Map([['call-1', kept]])
    const one = { kind: 'exact', session: 'sa' }
    const consumed: Consumed = {
      taken: new Map([
        ['call-1 ring', [one]],
        ['call-1 end', [one]],
      ]),
      untaken: [],
      changed: [],
      stored: 2,
      storedAgain: 0,
    }
    const taking = (end: (typeof one)[]) => new Map([...consumed.taken, ['call-1 end', end] as const])

    test('as they should be', () => expect(judgeResults(ledger(), consumed, found)).toEqual([]))

    test.each([
      ['missing', { taken: new Map([['call-1 ring', [one]]]) }, 'call-1 end has no result'],
      ['doubled', { taken: taking([one, one]) }, 'call-1 end has 2 results'],
      [
        'of another visit',
        { taken: taking([{ ...one, session: 'sb' }]) },
        'the result of call-1 end names another visit than its record',
      ],
      [
        'taken for a repeat',
        { untaken: ['0.9.0.1'] },
        'result 0.9.0.1 was taken for a repeat before it came',
      ],
      ['repeated otherwise', { changed: ['0.9.0.1'] }, 'result 0.9.0.1 was repeated with another content'],
    ])('%s', (_, fault, trouble) =>
      expect(judgeResults(ledger(), { ...consumed, ...fault }, found)).toEqual([trouble]),
    )

    test('the end of a session that was left', () => {
      const made = ledger()
      made.left.add('sx')
      expect(judgeResults(made, consumed, found)).toEqual(['session sx has no result'])
      const ended = { kind: 'ended', session: 'sx' }
      const taken = new Map([...consumed.taken, ['session sx', [ended]] as const])
      expect(judgeResults(made, { ...consumed, taken }, found)).toEqual([])
    })
  })
})
