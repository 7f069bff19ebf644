import type { CallState, Input } from './input.ts'
import { type MeasureName, measures } from './measures.ts'
import type { MatchKind, Outcome } from './outcome.ts'
import { problems } from './problems.ts'
import { streams } from './wire/subjects.ts'
import type { ClientFrame } from './wire/visitor.ts'

/**
 * The series of counters that are known before anything is counted. They start at 0: a series that first appears with 1
 * would hide its first increase from every alert. The compiler holds each list to the union that it lists.
 */
const listed = <Word extends string>(words: Readonly<Record<Word, true>>) => Object.keys(words)

const inputKinds = listed<Input['kind']>({
  hello: true,
  page: true,
  engagement: true,
  beats: true,
  'consent-withdrawn': true,
  signal: true,
  configured: true,
  pulse: true,
  'subject-erased': true,
  'subject-restricted': true,
  'call-rectified': true,
  noted: true,
  'tenant-ended': true,
})

/** Whether a word is the kind of an input: what a poisoned entry calls itself is no label. */
export function isInputKind(word: string): boolean {
  return inputKinds.includes(word)
}

const outcomeKinds = listed<Outcome['kind']>({
  repeated: true,
  configured: true,
  'session-joined': true,
  'session-seen': true,
  'session-gone': true,
  'visitor-withdrew': true,
  'number-kept': true,
  'fallback-shown': true,
  'page-viewed': true,
  engaged: true,
  'call-repeated': true,
  refused: true,
  forgotten: true,
  'session-opened': true,
  'session-ended': true,
  'number-lent': true,
  'call-changed': true,
  'subject-erased': true,
  'subject-restricted': true,
  'call-rectified': true,
  noted: true,
  'tenant-ended': true,
})

const matchKinds = listed<MatchKind>({
  exact: true,
  tail: true,
  cooldown: true,
  shared: true,
  static: true,
  returning: true,
  none: true,
  deferred: true,
})

const frames = listed<ClientFrame['type']>({
  hello: true,
  page: true,
  engagement: true,
  beat: true,
  bye: true,
})
const callStates = listed<CallState>({ ring: true, answer: true, end: true })

/** Why a log entry was set aside: it stays readable in the store, is counted, and stops nothing. */
export const asideReasons = ['not-packed', 'unknown-version', 'not-a-message', 'decide-threw'] as const

/** Why a socket was closed: by the other side, without a word, for what it sent, because we end, or otherwise. */
export const closeReasons = ['left', 'lost', 'refused', 'restarting', 'other'] as const
export type CloseReason = (typeof closeReasons)[number]

type Forgotten = Extract<Outcome, { kind: 'forgotten' }>
const forgettable = listed<Forgotten['what']>({ session: true, call: true, caller: true, producer: true })
const reasonsToForget = listed<Forgotten['because']>({ retention: true, bound: true })

const values: Partial<Record<MeasureName, readonly (string | readonly string[])[]>> = {
  ringtrail_events_total: [...frames, ...callStates],
  ringtrail_refused_total: Object.keys(problems),
  ringtrail_shed_total: ['hello', 'page', 'engagement', 'consent-withdrawn', 'signal'],
  ringtrail_unfollowed_total: ['denied', 'tcf', 'gpc', 'unknown', 'bot', 'preview'],
  ringtrail_restricted_total: ['hello', 'page', 'engagement', 'number', 'in-flight'],
  ringtrail_answers_total: matchKinds,
  ringtrail_sockets_closed_total: closeReasons,
  ringtrail_entries_total: inputKinds,
  ringtrail_outcomes_total: outcomeKinds,
  ringtrail_matches_total: matchKinds,
  ringtrail_set_aside_total: asideReasons,
  ringtrail_padding_bytes_total: Object.values(streams),
  ringtrail_padding_failures_total: Object.values(streams),
  ringtrail_keys_taken_total: ['taken', 'unreadable', 'erased'],
  ringtrail_forgotten_total: forgettable.flatMap(what => reasonsToForget.map(because => [what, because])),
}

/** The label values of every series of a counter that can be named beforehand. */
export function knownSeries(name: MeasureName): readonly (readonly string[])[] {
  const { type, labels } = measures[name]
  if (type !== 'counter') return []
  return labels.length === 0 ? [[]] : (values[name] ?? []).map(value => [value].flat())
}
