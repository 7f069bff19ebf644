import { type Asking, callersCalls, wentTo } from './caller.ts'
import { sharedKnown, tailWeight, weights } from './confidence.ts'
import { nameless, phaseOf } from './life.ts'
import type { Holder, Question } from './match.ts'
import type { Candidate, Match } from './outcome.ts'
import type { RememberedCall, Session } from './records.ts'
import type { State } from './state.ts'
import type { PerMille } from './words.ts'

/** Several sessions held B: what is known is split between them by evidence (rule M6). */

type Named = Holder & { readonly session: Session }
type Weighed = { readonly holder: Named; readonly weight: number }

export function sharedAmong(state: State, question: Question, holders: readonly Holder[]): Match {
  const calls = callersCalls(question.index, question.a)
  const weighed: Weighed[] = []
  let sum = 0
  for (const holder of holders) {
    const weight = isNamed(holder) ? weightOf(holder, question, calls, state.now) : weights.coolDown
    sum += weight
    if (isNamed(holder)) weighed.push({ holder, weight })
  }
  const candidates = weighed
    .sort(byWeight)
    .slice(0, question.index.bounds.candidatesMax)
    .map(({ holder, weight }): Candidate => {
      const { session, visitor } = holder.session
      return { session, visitor, confidence: Math.trunc((weight * sharedKnown) / sum) as PerMille }
    })
  const best = (weighed[0] as Weighed).holder.session
  const slug = `${holders.length}-holders`
  return {
    kind: 'shared',
    confidence: (candidates[0] as Candidate).confidence,
    session: best.session,
    visitor: best.visitor,
    source: best.source,
    candidates,
    reasons: [`exact:${slug}`, `tail:${slug}`, `cooldown:${slug}`, `shared:${slug}`],
  }
}

function isNamed(holder: Holder): holder is Named {
  return holder.session !== null && holder.quietMs !== nameless
}

/** Most weight first; among equals the one lent later, then the larger session id. */
function byWeight(one: Weighed, other: Weighed): number {
  const { claim } = one.holder
  const { claim: against } = other.holder
  if (one.weight !== other.weight) return other.weight - one.weight
  if (claim.from !== against.from) return against.from - claim.from
  return one.holder.session.session < other.holder.session.session ? 1 : -1
}

const clickWindowMs = 2 * 60_000

function weightOf(
  { claim, session, quietMs }: Named,
  question: Asking & Pick<Question, 'b'>,
  calls: readonly RememberedCall[],
  now: number,
): number {
  const { b, at } = question
  const clicked = session.clicks.some(
    click => click.number === b && click.at <= at && at - click.at < clickWindowMs,
  )
  const known = wentTo(calls, question, session.visitor, now)
  return phaseWeight(claim, quietMs, at) + (clicked ? weights.click : 0) + (known ? weights.caller : 0)
}

function phaseWeight(claim: Holder['claim'], quietMs: number, at: number): number {
  const phase = phaseOf(claim, quietMs, at)
  if (phase === 'alive') return weights.alive
  return phase === 'tail' ? tailWeight(quietMs) : weights.coolDown
}
