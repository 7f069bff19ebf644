import { callerAs, holderAs, matchAmong, type Suspect } from './among.ts'
import { type Asking, callersCalls, latestLink } from './caller.ts'
import { type Holder, holdersAt, isNamed, lastHolderAt, type Named, restAt } from './holders.ts'
import { isHoldOver, phaseOf } from './life.ts'
import type { Match } from './outcome.ts'
import type { RememberedCall, Session } from './records.ts'
import { callerRestricted } from './reasons.ts'
import { staticSource } from './source.ts'
import type { State, TenantIndex } from './state.ts'
import {
  borders,
  holderWeight,
  knownWeight,
  placeOf,
  type Ringing,
  shareOf,
  times,
  unknown,
  unknownWeight,
} from './weigh.ts'
import { weights } from './weights.ts'
import type { PerMille, PhoneNumber } from './words.ts'

/** What is asked: whose visit held B at T. */
export type Question = Ringing & {
  /** The carrier's clock was ahead of ours. */
  readonly ahead: boolean
  /** There is an A, and nothing of that caller may be used: it is asked as if it were withheld (rule P6). */
  readonly restricted: boolean
}

/** The first rule that holds wins; every rule that was considered is in the reasons (rules M2 to M13). */
export function matchAt(state: State, question: Question): Match {
  const { index, b, at, ahead, restricted } = question
  const isBeyond = at < state.now - index.policy.latenessMs
  const holders = holdersAt(state, question, isBeyond)
  const last =
    holders.length === 0 && !isBeyond && !index.statics.has(b) ? lastHolderAt(state, question) : null
  const isUnknown =
    holders.length === 0 && last === null && !index.poolOfNumber.has(b) && !index.statics.has(b)
  const match = matchOf(state, question, holders, last)
  if (!isUnknown && !ahead && !isBeyond && !restricted) return match
  const reasons: string[] = []
  if (isUnknown) reasons.push('unknown-number')
  if (ahead) reasons.push('clock-ahead')
  if (isBeyond) reasons.push('beyond-lateness')
  if (restricted) reasons.push(callerRestricted)
  return { ...match, reasons: [...reasons, ...match.reasons] }
}

function matchOf(state: State, question: Question, holders: readonly Holder[], last: Named | null): Match {
  const first = holders[0]
  if (first === undefined)
    return last === null ? fromElsewhere(state, question, noHolder) : fromLast(state, question, last)
  if (holders.length > 1)
    return holders.some(isNamed)
      ? sharedAmong(state, question, holders)
      : fromElsewhere(state, question, noName)
  return isNamed(first) ? heldBy(state, question, first) : fromElsewhere(state, question, noName)
}

/** One holder, and perhaps somebody who called before (rules M3 to M5). */
function heldBy(state: State, question: Question, holder: Named): Match {
  const calls = callersCalls(question.index, question.a)
  const weight = weightAlone(state, question, holder, calls)
  const link = calls.length === 0 ? null : latestLink(calls, question, state.now)
  const { claim, session, quietMs } = holder
  const phase = phaseOf(claim, quietMs, question.at)
  const kind = phase === 'alive' ? 'exact' : phase
  const reasons = phase === 'alive' ? oneHolder : reasonsAfter(phase, holder, question.at)
  const others = unknownWeight(question, 1, holder.claims, state.now)
  if (link !== null && link.to.visitor !== session.visitor)
    return amongAll(state, question, [holderAs(kind, holder, weight)], others, reasons)
  return namedAlone(kind, session, shareOf(weight, weight + others), reasons)
}

function weightAlone(
  state: State,
  question: Question,
  holder: Named,
  calls: readonly RememberedCall[],
): number {
  const rested = placeOf(borders.rested, restAt(state, question, holder))
  return times(holderWeight(holder, question, calls, state.now), weights.rested[rested] as number)
}

function reasonsAfter(phase: 'tail' | 'cooldown', { claim, quietMs }: Named, at: number): string[] {
  const over = isHoldOver(claim, at) ? 'exact:hold-over' : 'exact:session-over'
  const quiet = Math.trunc(quietMs / 1_000)
  return phase === 'tail'
    ? [over, `tail:quiet-${quiet}s`]
    : [over, 'tail:tail-over', `cooldown:quiet-${quiet}s`]
}

// Reasons that are always the same are made once.
const oneHolder: readonly string[] = ['exact:one-holder']
const noHolder: readonly string[] = [
  'exact:no-holder',
  'tail:no-holder',
  'cooldown:no-holder',
  'shared:no-holder',
]
const noName: readonly string[] = ['exact:no-name', 'tail:no-name', 'cooldown:no-name', 'shared:no-name']

function namedAlone(
  kind: Match['kind'],
  { session, visitor, source }: Pick<Session, 'session' | 'visitor' | 'source'>,
  share: PerMille,
  reasons: readonly string[],
): Match {
  const candidates = [{ session, visitor, confidence: share }]
  return { kind, confidence: share, session, visitor, source, candidates, reasons }
}

/** Several holders, at least one with a name, and perhaps somebody who called before (rule M6). */
function sharedAmong(state: State, question: Question, holders: readonly Holder[]): Match {
  const calls = callersCalls(question.index, question.a)
  const suspects: Suspect[] = []
  let others = unknownWeight(question, holders.length, (holders[0] as Holder).claims, state.now)
  for (const holder of holders) {
    if (isNamed(holder))
      suspects.push(holderAs('shared', holder, holderWeight(holder, question, calls, state.now)))
    else others += weights.nameless
  }
  const slug = `${holders.length}-holders`
  const reasons = [`exact:${slug}`, `tail:${slug}`, `cooldown:${slug}`, `shared:${slug}`]
  return amongAll(state, question, suspects, others, reasons)
}

/** Nobody has the number, and it was lent to nobody since (rule M13). */
function fromLast(state: State, question: Question, last: Named): Match {
  const calls = callersCalls(question.index, question.a)
  const isKnown = latestLink(calls, question, state.now)?.to.visitor === last.session.visitor
  const suspect = holderAs(
    isKnown ? 'returning' : 'cooldown',
    last,
    weightAlone(state, question, last, calls),
  )
  const quiet = Math.trunc(last.quietMs / 1_000)
  const reasons = [...noHolder, 'static:no-source', `cooldown:lent-to-nobody-since-${quiet}s`]
  return amongAll(state, question, [suspect], unknownWeight(question, 1, last.claims, state.now), reasons)
}

/** Those who have the number, and who called before if that is none of them. */
function amongAll(
  state: State,
  question: Question,
  suspects: Suspect[],
  others: number,
  reasons: readonly string[],
): Match {
  const { index, a } = question
  const calls = callersCalls(index, a)
  const link = latestLink(calls, question, state.now)
  const isNew = link !== null && !suspects.some(one => one.visitor === link.to.visitor)
  const known = isNew ? [callerAs(link, knownWeight(link, question, calls, state.now))] : []
  return matchAmong([...suspects, ...known], others, index.bounds.candidatesMax, reasons)
}

/** The number says nothing of a session: a source, an earlier call of the same caller, or nothing (rules M7 to M9). */
function fromElsewhere(state: State, question: Question, considered: readonly string[]): Match {
  const { index, a, b } = question
  const fixed = index.statics.get(b)
  if (fixed !== undefined) {
    const reasons = [...considered, 'static:belongs-to-source']
    const source = staticSource(fixed, index.policy.channels)
    return { ...nothing, kind: 'static', confidence: 1_000 as PerMille, source, reasons }
  }
  return fromCaller([...considered, 'static:no-source'], callersCalls(index, a), question, state.now)
}

/** Rules M8 and M9, after what was considered before, from the calls of the caller. */
export function fromCaller(
  considered: readonly string[],
  calls: readonly RememberedCall[],
  asked: Asking & Pick<Question, 'a' | 'b'>,
  now: number,
): Match {
  const link = latestLink(calls, asked, now)
  if (link !== null)
    return matchAmong([callerAs(link, knownWeight(link, asked, calls, now))], unknown, 1, considered)
  const caller = asked.a === null ? 'returning:withheld' : 'returning:unknown-caller'
  return { ...nothing, reasons: [...considered, caller, 'none:nothing-known'] }
}

const nothing: Omit<Match, 'reasons'> = {
  kind: 'none',
  confidence: 0 as PerMille,
  session: null,
  visitor: null,
  source: null,
  candidates: [],
}

/** Where a call to B goes (rule M11). */
export function forwardOf(index: TenantIndex, b: PhoneNumber): PhoneNumber | null {
  const { statics, poolOfNumber, numbers, targets, policy } = index
  const lentFor = () => targets.get(numbers.get(b)?.target ?? '')?.forward
  return statics.get(b)?.forward ?? poolOfNumber.get(b)?.target?.forward ?? lentFor() ?? policy.defaultForward
}
