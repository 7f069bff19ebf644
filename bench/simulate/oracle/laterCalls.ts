import type { CallName, Match, Outcome, RevisedBecause } from '../../../core/outcome.ts'
import type { PhoneNumber, Pseudonym } from '../../../core/words.ts'
import {
  callerRemembersUntil,
  earlierCalls,
  isSameCall,
  knownCaller,
  lastAnswer,
  rangAt,
  rememberCall,
} from './callers.ts'
import { type Answer, type CallFact, type Facts, isKnown, isRestricted, linkedA, policyOf } from './facts.ts'
import { noteRevision } from './history.ts'
import { attributedBefore, personal, type Question } from './asked.ts'
import { byEarlierCall, nothing } from './match.ts'
import { concludeBy, isOtherAnswer, recordOf } from './record.ts'
import { predictPath } from './touches.ts'

/** Rules C9 and C11: what a call owes to its caller's earlier ones, also when these turn out to be otherwise. */

export function duplicateBefore(
  facts: Facts,
  { tenant, call, a, b, at }: Question,
  forward: PhoneNumber | null,
): CallName | null {
  const withinMs = policyOf(facts, tenant)?.calls.duplicateWithinMs ?? 30 * 60_000
  const calls = a === null ? [] : (knownCaller(facts, tenant, a)?.calls ?? [])
  const before = calls.findLast(other => {
    const answer = lastAnswer(other)
    const sinceMs = at - rangAt(other)
    return (
      !isSameCall(other, call) &&
      facts.now < callerRemembersUntil(facts, other) &&
      (answer.forward ?? answer.b) === (forward ?? b) &&
      sinceMs > 0 &&
      sinceMs < withinMs
    )
  })
  return before === undefined ? null : { carrier: before.carrier, call: before.call }
}

/** Of whom which calls were remembered before something changed. */
type Memories = ReadonlyMap<string, readonly CallFact[]>

export function memoriesOf(facts: Facts, tenant: string, answers: readonly (Answer | undefined)[]): Memories {
  const callers = answers.flatMap(one => (one === undefined ? [] : (linkedA(one) ?? [])))
  return new Map(callers.map(a => [a, [...(knownCaller(facts, tenant, a)?.calls ?? [])]]))
}

type Revising = {
  readonly fact: CallFact
  readonly before: Answer | null
  readonly memories: Memories
  readonly because: RevisedBecause
}

/** How a call was known to its caller, and how it is. */
type Known = { readonly call: CallFact; readonly answer: Answer }
type Change = { readonly was: Known | null; readonly is: Known | null }

export function reviseLater(facts: Facts, revising: Revising): Outcome[] {
  const { fact, before } = revising
  const answer = lastAnswer(fact)
  const [old, now] = [before === null ? null : linkedA(before), linkedA(answer)]
  const isSame =
    before !== null &&
    old === now &&
    before.rangAt === answer.rangAt &&
    before.forward === answer.forward &&
    !isOtherAnswer(before, answer)
  if (isSame) return []
  const left = old === null || old === now ? [] : reviseOf(facts, revising, old)
  return now === null ? left : [...left, ...reviseOf(facts, revising, now)]
}

function reviseOf(facts: Facts, { fact, before, memories, because }: Revising, a: Pseudonym): Outcome[] {
  const known = memories.get(a) ?? []
  const calls = knownCaller(facts, fact.tenant, a)?.calls ?? []
  const wasHere = before !== null && linkedA(before) === a && known.some(one => isSameCall(one, fact))
  const was = wasHere ? { call: fact, answer: before } : null
  const is = calls.includes(fact) ? { call: fact, answer: lastAnswer(fact) } : null
  const isWhole = known.length < facts.bounds.callsPerCallerMax
  const changes: Change[] = [{ was, is }]
  const outcomes: Outcome[] = []
  for (const one of calls) {
    if (one === fact && changes.length > 1) concludeAgain(facts, fact, changes)
    if (isSameCall(one, fact) || !isKnown(one) || linkedA(lastAnswer(one)) !== a) continue
    const standing = lastAnswer(one)
    const answer = changes.reduce(
      (made, change) => afterChange(facts, { one, isWhole, made }, change),
      standing,
    )
    if (isAsBefore(standing, answer)) continue
    one.answers.push(answer)
    rememberCall(facts, one)
    noteRevision(facts, one, because)
    changes.push({ was: { call: one, answer: standing }, is: { call: one, answer } })
    const corrects = isOtherAnswer(standing, answer)
    outcomes.push({ kind: 'call-changed', tenant: one.tenant, record: recordOf(one), state: null, corrects })
  }
  return outcomes
}

/** It rang later than it seemed: those in between were made again without it. */
function concludeAgain(facts: Facts, fact: CallFact, changes: Change[]): void {
  const before = lastAnswer(fact)
  const { question, ...concluded } = concludeBy(facts, fact, before.a)
  const duplicateOf = duplicateBefore(facts, question, before.forward)
  const answer = { ...before, ...concluded, duplicateOf }
  fact.answers[fact.answers.length - 1] = answer
  changes[0] = { was: changes[0]?.was ?? null, is: { call: fact, answer } }
}

function isAsBefore(one: Answer, other: Answer): boolean {
  return (
    one.firstTime === other.firstTime &&
    JSON.stringify(one.duplicateOf) === JSON.stringify(other.duplicateOf) &&
    !isOtherAnswer(one, other)
  )
}

type Made = { readonly one: CallFact; readonly isWhole: boolean; readonly made: Answer }

function afterChange(facts: Facts, { one, isWhole, made }: Made, change: Change): Answer {
  const question = askedOf(one)
  const { calls } = policyOf(facts, one.tenant) ?? { calls: null }
  const isEarlier = (known: Known | null, withinMs: number) => {
    const sinceMs = known === null ? 0 : question.at - known.answer.rangAt
    const untilMs = known === null ? 0 : callerRemembersUntil(facts, known.call) - rangAt(known.call)
    return known !== null && sinceMs > 0 && sinceMs < withinMs && facts.now < known.answer.rangAt + untilMs
  }
  const { was, is } = change
  const isNamed =
    was !== null && made.duplicateOf !== null && isSameCall(was.call, { ...one, ...made.duplicateOf })
  const isNear = isEarlier(is, calls?.duplicateWithinMs ?? 30 * 60_000)
  const duplicateOf = isNamed || isNear ? duplicateBefore(facts, question, made.forward) : made.duplicateOf
  const lookBackMs = calls?.returningLookBackMs ?? 0
  const [wasEarlier, isEarlierNow] = [isEarlier(was, lookBackMs), isEarlier(is, lookBackMs)]
  if (!wasEarlier && !isEarlierNow) return { ...made, duplicateOf }
  const isNew = wasEarlier && isWhole && earlierCalls(facts, question).length === 0
  const firstTime = !isEarlierNow && (made.firstTime === true || isNew)
  const heeded = { was: wasEarlier ? was : null, is: isEarlierNow ? is : null }
  return { ...made, duplicateOf, firstTime, ...matchAfter(facts, one, made, heeded) }
}

type Path = Pick<Answer, 'match' | 'shownMs' | 'touches'>

function matchAfter(facts: Facts, one: CallFact, made: Answer, { was, is }: Change): Path {
  const { match, shownMs, touches } = made
  const stands = { match, shownMs, touches }
  const isLate = made.rangAt < facts.now - (policyOf(facts, one.tenant)?.latenessMs ?? 0)
  const isClosed = match.reasons.includes('erased') || isRestricted(facts, one.tenant, 'caller', made.a ?? '')
  if (match.kind !== 'static' && !isLate && !isClosed) {
    const again = concludeBy(facts, one, made.a)
    return { match: again.match, shownMs: again.shownMs, touches: again.touches }
  }
  const question = askedOf(one)
  const isNamed =
    match.kind === 'returning' &&
    was !== null &&
    went(was.answer) &&
    match.session === was.answer.match.session
  const isLink = is !== null && attributedBefore(facts, question).at(-1) === is.answer
  return isNamed || isLink ? linkedAnew(facts, stands, question) : stands
}

function went({ match }: Answer): boolean {
  return personal.includes(match.kind) && match.session !== null
}

/** Rules M8 and M9 once more, and what follows for the path. */
export function linkedAnew(facts: Facts, stands: Path, question: Question): Path {
  const { match } = stands
  if (match.kind !== 'none' && match.kind !== 'returning') return stands
  const rules = match.reasons.findIndex(one => one.startsWith('returning:'))
  const reasons = match.reasons.slice(0, rules)
  const verdict = byEarlierCall(facts, question, reasons) ?? nothing(reasons)
  const again: Match = { ...verdict, reasons }
  return { match: again, ...predictPath(facts, question, again) }
}

function askedOf(call: CallFact): Question {
  const { a, b } = lastAnswer(call)
  return { tenant: call.tenant, call, a, b, at: rangAt(call), ahead: false, restricted: false }
}
