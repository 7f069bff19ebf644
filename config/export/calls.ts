import { type Audience, type SeenCall, signalIn } from '../../core/belongs.ts'
import type { Signal } from '../../core/input.ts'
import type { CallRecord, Match, Revision } from '../../core/outcome.ts'
import type { Source } from '../../core/policy.ts'
import { wholeSource } from '../../core/source.ts'
import type { OpenedEvent } from './assemble.ts'
import { type CallExport, isoTime } from './records.ts'
import { merged, restOf, textOf } from './sealedValues.ts'

/** What is known of one call: its record as the audience may see it, and its signals in the order of the log. */
export type CallFacts = { readonly seen: SeenCall | null; readonly signals: OpenedEvent[] }

/** The record of a call. Where the core's is gone, what the signals alone say. */
export function callExport({ seen, signals }: CallFacts, audience: Audience): CallExport | null {
  if (seen !== null) return fromRecord(seen, signals)
  const mine = signals.filter(({ clear }) => {
    const signal = signalIn(clear)
    return audience === 'everyone' || (signal !== null && signal.a !== null && audience.callers.has(signal.a))
  })
  return mine.length === 0 ? null : fromSignals(mine)
}

function fromRecord({ side, record }: SeenCall, signals: readonly OpenedEvent[]): CallExport {
  const { session, visitor } = record.match
  return {
    kind: 'call',
    id: idOf(record),
    at: isoTime(record.rangAt),
    session,
    visitor,
    clear: {
      side,
      carrier: record.carrier,
      call: record.call,
      b: record.b,
      forward: record.forward,
      answeredAt: timeOrNull(record.answeredAt),
      endedAt: timeOrNull(record.endedAt),
      ringMs: record.ringMs,
      talkMs: record.talkMs,
      outcome: record.outcome,
      reason: record.reason,
      qualified: record.qualified,
      firstTime: record.firstTime,
      aPseudonym: record.a,
      cPseudonym: record.c,
      match: matchOf(record.match),
      totalMs: record.totalMs,
      duplicateOf: record.duplicateOf,
      shownMs: record.shownMs,
      touches: record.touches.map(({ source, ...one }) => ({
        ...one,
        at: isoTime(one.at),
        source: wholeSource(source),
      })),
      history: record.history.map(revisionOf),
    },
    personal: side === 'visitor' ? null : numbersOf(signals, record),
  }
}

const wholeOrNull = (source: Source | null) => (source === null ? null : wholeSource(source))

function matchOf({ kind, confidence, source, candidates, reasons }: Match) {
  return {
    kind,
    confidence: confidence / 1_000,
    source: wholeOrNull(source),
    candidates: candidates.map(one => ({ ...one, confidence: one.confidence / 1_000 })),
    reasons: [...reasons],
  }
}

function revisionOf({ match, at, ...one }: Revision) {
  const was =
    match === null
      ? null
      : { ...match, source: wholeOrNull(match.source), confidence: match.confidence / 1_000 }
  return { ...one, at: isoTime(at), match: was }
}

type Parties = Pick<CallRecord, 'a' | 'c'>

/** The numbers behind the pseudonyms of the record: a signal that named somebody else, or was corrected, does not count. */
function numbersOf(signals: readonly OpenedEvent[], { a, c }: Parties): CallExport['personal'] {
  const open = signals.filter(event => event.personal !== null)
  const sealed = (name: 'a' | 'c', pseudonym: string | null): string | null => {
    const named = open.filter(({ clear, personal }) => {
      const said = name in clear ? (clear as Signal)[name] : undefined
      return said === pseudonym && textOf(personal?.[name]) !== null
    })
    return pseudonym === null ? null : textOf(named.at(-1)?.personal?.[name])
  }
  const own = open.filter(({ clear }) => (clear as Signal).a === a)
  if (own.length === 0) return null
  const rests = own.map(({ personal }) => restOf(personal ?? {}, ['a', 'c']))
  return { a: sealed('a', a), c: sealed('c', c), other: merged(rests) }
}

/** Only a signal tells of the call; a correction says who called. */
function fromSignals(events: readonly OpenedEvent[]): CallExport | null {
  const signals = events.filter(({ clear }) => clear.kind === 'signal')
  const heard = signals.map(({ clear, atMs }) => ({ ...(clear as Signal), atMs }))
  const said = (state: Signal['state']) => heard.find(one => one.state === state)
  const timeOf = (state: Signal['state']) => {
    const one = said(state)
    return one === undefined ? null : isoTime(one.statedAt ?? one.atMs)
  }
  const [first] = heard
  if (first === undefined) return null
  const { carrier, call, b } = first
  const corrected = events.findLast(({ clear }) => clear.kind !== 'signal')
  const named = heard.findLast(one => one.a !== null)
  const a = (corrected === undefined ? named : signalIn(corrected.clear))?.a ?? null
  const c = heard.findLast(one => one.c !== null)?.c ?? null
  return {
    kind: 'call',
    id: idOf({ carrier, call }),
    at: timeOf('ring') ?? isoTime(first.atMs),
    session: null,
    visitor: null,
    clear: {
      side: 'whole',
      ...{ carrier, call, b, forward: null },
      answeredAt: timeOf('answer'),
      endedAt: timeOf('end'),
      ...{ totalMs: null, duplicateOf: null, shownMs: null, touches: [], history: [] },
      ...{ ringMs: null, talkMs: null, outcome: null, qualified: null, firstTime: null, match: null },
      reason: said('end')?.reason ?? null,
      aPseudonym: a,
      cPseudonym: c,
    },
    personal: numbersOf(events, { a, c }),
  }
}

function idOf({ carrier, call }: Pick<CallRecord, 'carrier' | 'call'>): string {
  return `call:${carrier}/${call}`
}

function timeOrNull(atMs: number | null): string | null {
  return atMs === null ? null : isoTime(atMs)
}
