import { type Asking, callersCalls, latestLink } from './caller.ts'
import { confidence, coolDownConfidence, returningConfidence, tailConfidence } from './confidence.ts'
import { endOf, isHoldOver, nameless, noClaim, phaseOf, quietAt, sessionOf } from './life.ts'
import type { Match } from './outcome.ts'
import type { Attribution, Claim, Session } from './records.ts'
import { callerRestricted } from './reasons.ts'
import { sharedAmong } from './shared.ts'
import { staticSource } from './source.ts'
import type { State, TenantIndex } from './state.ts'
import type { PerMille, PhoneNumber, Pseudonym } from './words.ts'

/** What is asked: whose visit held B at T. */
export type Question = Asking & {
  readonly a: Pseudonym | null
  readonly b: PhoneNumber
  /** The carrier's clock was ahead of ours. */
  readonly ahead: boolean
  /** There is an A, and nothing of that caller may be used: it is asked as if it were withheld (rule P6). */
  readonly restricted: boolean
}

/** Who had a claim at T: alive, in tail or in cool-down, or without a name. */
export type Holder = {
  readonly claim: Claim
  /** null: it was erased, and the holder has no name. */
  readonly session: Session | null
  readonly quietMs: number
}

/** The first rule that holds wins; every rule that was considered is in the reasons (rules M2 to M12). */
export function matchAt(state: State, question: Question): Match {
  const { index, b, at, ahead, restricted } = question
  const isBeyond = at < state.now - index.policy.latenessMs
  const holders = holdersAt(state, question, isBeyond)
  const isUnknown = holders.length === 0 && !index.poolOfNumber.has(b) && !index.statics.has(b)
  const match = matchOf(state, question, holders)
  if (!isUnknown && !ahead && !isBeyond && !restricted) return match
  const reasons: string[] = []
  if (isUnknown) reasons.push('unknown-number')
  if (ahead) reasons.push('clock-ahead')
  if (isBeyond) reasons.push('beyond-lateness')
  if (restricted) reasons.push(callerRestricted)
  return { ...match, reasons: [...reasons, ...match.reasons] }
}

const nobody: readonly Holder[] = []

/** The holders of B at T, lent last first; of several claims of a session the one lent last counts (rule M2). */
function holdersAt(state: State, question: Question, isBeyond: boolean): readonly Holder[] {
  const { index, b, at } = question
  const claims = index.numbers.get(b)?.claims
  if (claims === undefined) return nobody
  let holders: Holder[] | null = null
  for (let place = claims.length - 1; place >= 0; place--) {
    const claim = claims[place] as Claim
    if (claim.from > at) continue
    const session = sessionOf(index, claim)
    const quietMs = quietAt(claim, session, at)
    const isLookedAt = !isBeyond || endOf(claim, session) > state.now - index.policy.latenessMs
    if (quietMs !== noClaim && isLookedAt) {
      if (holders === null) holders = [{ claim, session, quietMs }]
      else if (session === null || !holders.some(holder => holder.session === session))
        holders.push({ claim, session, quietMs })
    }
    // What was lent unshared was free: whatever was lent before had ended by then.
    if (!claim.shared) break
  }
  return holders ?? nobody
}

function matchOf(state: State, question: Question, holders: readonly Holder[]): Match {
  const first = holders[0]
  if (first === undefined) return fromElsewhere(state, question, noHolder)
  if (holders.length > 1) {
    const isNamed = holders.some(holder => holder.quietMs !== nameless)
    return isNamed ? sharedAmong(state, question, holders) : fromElsewhere(state, question, noName)
  }
  const { claim, session, quietMs } = first
  if (session === null || quietMs === nameless) return fromElsewhere(state, question, noName)
  const phase = phaseOf(claim, quietMs, question.at)
  if (phase === 'alive') return heldBy(session, 'exact', confidence.exact, oneHolder)
  const over = isHoldOver(claim, question.at) ? 'exact:hold-over' : 'exact:session-over'
  const quiet = Math.trunc(quietMs / 1_000)
  if (phase === 'tail')
    return heldBy(session, 'tail', tailConfidence(quietMs), [over, `tail:quiet-${quiet}s`])
  const reasons = [over, 'tail:tail-over', `cooldown:quiet-${quiet}s`]
  return heldBy(session, 'cooldown', coolDownConfidence(quietMs), reasons)
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

function heldBy(
  { session, visitor, source }: Session,
  kind: Match['kind'],
  share: PerMille,
  reasons: readonly string[],
): Match {
  const candidates = [{ session, visitor, confidence: share }]
  return { kind, confidence: share, session, visitor, source, candidates, reasons }
}

/** The number says nothing of a session: a source, an earlier call of the same caller, or nothing (rules M7 to M9). */
function fromElsewhere(state: State, question: Question, considered: readonly string[]): Match {
  const { index, a, b } = question
  const fixed = index.statics.get(b)
  if (fixed !== undefined) {
    const reasons = [...considered, 'static:belongs-to-source']
    const source = staticSource(fixed, index.policy.channels)
    return { ...nothing, kind: 'static', confidence: confidence.static, source, reasons }
  }
  const link = latestLink(callersCalls(index, a), question, state.now)
  return fromCaller([...considered, 'static:no-source'], link, a)
}

/** Rules M8 and M9, after what was considered before. */
export function fromCaller(
  considered: readonly string[],
  link: Attribution | null,
  a: Pseudonym | null,
): Match {
  if (link !== null) {
    const { session, visitor, source } = link
    const share = returningConfidence(link.confidence)
    const candidates = [{ session, visitor, confidence: share }]
    const reasons = [...considered, 'returning:known-caller']
    return { kind: 'returning', confidence: share, session, visitor, source, candidates, reasons }
  }
  const caller = a === null ? 'returning:withheld' : 'returning:unknown-caller'
  return { ...nothing, reasons: [...considered, caller, 'none:nothing-known'] }
}

const nothing: Omit<Match, 'reasons'> = {
  kind: 'none',
  confidence: confidence.none,
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
