import type { CallRecord, Match, Outcome } from '../outcome.ts'
import type { Source } from '../policy.ts'
import type { PhoneNumber } from '../words.ts'
import { unreachable } from '../words.ts'
import { began, ownerOf } from './read.ts'

/** Says outcomes as the lines of a transcript. */

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

function time(at: number): string {
  let left = at - began
  const parts: string[] = []
  for (const [unit, ms] of units) {
    const count = Math.trunc(left / ms)
    if (count > 0) parts.push(`${count}${unit}`)
    left -= count * ms
  }
  return parts.join('') || '0s'
}

const short = (number: PhoneNumber) => number.slice(-2)
const from = (source: Source | null) => (source === null ? '' : ` from ${source.source}`)

export function lineOf(outcome: Outcome): string[] {
  switch (outcome.kind) {
    case 'repeated':
      return [`repeated ${outcome.what}`]
    case 'configured':
      return [`configured ${outcome.tenant}`]
    case 'session-opened':
      return [`session-opened ${outcome.session} of ${outcome.visitor}${from(outcome.source)}`]
    case 'session-joined':
    case 'session-seen':
    case 'session-gone':
      return [`${outcome.kind} ${outcome.session}`]
    case 'session-ended':
      return [`session-ended ${outcome.session} at ${time(outcome.endedAt)} because ${outcome.because}`]
    case 'visitor-withdrew':
      return [`visitor-withdrew ${outcome.visitor} on ${outcome.site}`]
    case 'page-viewed':
      return [`page-viewed ${outcome.id} in ${outcome.tab} by ${outcome.session}`]
    case 'engaged':
      return [`engaged ${outcome.action} as ${outcome.id} in ${outcome.tab} by ${outcome.session}`]
    case 'number-lent':
    case 'number-kept':
    case 'fallback-shown':
      return [shown(outcome)]
    default:
      return rest(outcome)
  }
}

type Shown = Extract<Outcome, { kind: 'number-lent' | 'number-kept' | 'fallback-shown' }>

function shown(outcome: Shown): string {
  const { kind, number, target, session } = outcome
  const what = number === null ? 'the page’s own' : short(number)
  const shared = 'shared' in outcome && outcome.shared ? ', shared' : ''
  const sticky = 'sticky' in outcome && outcome.sticky ? ', sticky' : ''
  return `${kind} ${what} for ${target} to ${session}${shared}${sticky}`
}

type Rest = Extract<
  Outcome,
  {
    kind:
      | 'call-changed'
      | 'call-repeated'
      | 'refused'
      | 'forgotten'
      | 'subject-erased'
      | 'subject-restricted'
      | 'call-rectified'
      | 'noted'
      | 'tenant-ended'
  }
>

function rest(outcome: Rest): string[] {
  switch (outcome.kind) {
    case 'call-changed':
      return [`call-changed ${outcome.record.call}${outcome.corrects ? ', a correction' : ''}`].concat(
        recordLines(outcome.record),
      )
    case 'call-repeated':
      return [`call-repeated ${outcome.call}: ${answer(outcome.match)}`]
    case 'refused':
      return [`refused ${outcome.problem}`]
    case 'forgotten': {
      const { what, because, keys } = outcome
      return [`forgotten ${keys.length} ${what}${keys.length === 1 ? '' : 's'} because ${because}`]
    }
    case 'subject-erased': {
      const { visitors, callers, sessions, calls } = outcome
      const lost = `${sessions.length} sessions forgotten, ${calls} calls lost a name`
      return [`subject-erased ${[...visitors, ...callers].join(' ')}: ${lost}`]
    }
    case 'subject-restricted':
      return [`subject-restricted ${[...outcome.visitors, ...outcome.callers].join(' ')}: ${outcome.mode}`]
    case 'call-rectified':
      return [`call-rectified ${outcome.call} is by ${outcome.a ?? 'withheld'}`]
    case 'noted':
    case 'tenant-ended':
      return [`${outcome.kind} ${outcome.tenant}`]
    default:
      return unreachable(outcome)
  }
}

function recordLines(record: CallRecord): string[] {
  const { a, outcome, rangAt, ringMs, talkMs, qualified, firstTime, duplicateOf, match, forward } = record
  const facts = [
    `${outcome}, rang at ${time(rangAt)}`,
    ...(ringMs === null ? [] : [`${ringMs / 1_000} s of ringing`]),
    ...(talkMs === null ? [] : [`${talkMs / 1_000} s of talk`]),
    ...(qualified ? ['qualified'] : []),
    firstTime === null ? noCaller(a) : firstTime ? 'first time' : 'called before',
    ...(duplicateOf === null ? [] : [`duplicate of ${duplicateOf.call}`]),
    `forward to ${forward === null ? 'nobody' : ownerOf(forward)}`,
  ]
  const others = match.candidates.map(one => `${one.session} ${one.confidence}`)
  return [
    `  ${facts.join(', ')}`,
    `  ${answer(match)}`,
    ...(others.length > 1 ? [`  of ${others.join(', ')}`] : []),
    ...(record.touches.length > 1
      ? [`  by way of ${record.touches.map(one => one.source.source).join(', ')}`]
      : []),
    `  because ${match.reasons.join(' ')}`,
  ]
}

const noCaller = (a: string | null) => (a === null ? 'caller withheld' : 'caller restricted')

function answer({ kind, confidence, session, source }: Match): string {
  return `${kind} ${confidence}${session === null ? '' : ` ${session}`}${from(source)}`
}
