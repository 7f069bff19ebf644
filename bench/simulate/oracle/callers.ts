import type { Pseudonym } from '../../../core/words.ts'
import {
  type Answer,
  type CallFact,
  type CallerFact,
  compare,
  type Facts,
  linkedA,
  policyOf,
} from './facts.ts'

/** What is remembered of a caller: the calls that rang last (rules M8, C8, F2, F3). */

type Asked = {
  readonly tenant: string
  readonly call: CallFact
  readonly a: Pseudonym | null
  readonly at: number
}

/**
 * The caller's other calls that rang within look-back before `at`, in the order in which they rang; of equals the
 * larger carrier, then call id, comes last.
 */
export function earlierCalls(facts: Facts, { tenant, call, a, at }: Asked): CallFact[] {
  const caller = a === null ? undefined : knownCaller(facts, tenant, a)
  const lookBackMs = policyOf(facts, tenant)?.calls.returningLookBackMs ?? 0
  return (caller?.calls ?? [])
    .filter(other => !isSameCall(other, call) && facts.now < callerRemembersUntil(facts, other))
    .filter(other => rangAt(other) < at && at - rangAt(other) < lookBackMs)
    .sort((one, other) => rangAt(one) - rangAt(other) || byId(one, other))
}

export function knownCaller(facts: Facts, tenant: string, a: Pseudonym): CallerFact | undefined {
  return facts.callers.find(one => one.tenant === tenant && one.a === a && !one.gone)
}

export function lastAnswer(call: CallFact): Answer {
  return call.answers.at(-1) as Answer
}

export function rangAt(call: CallFact): number {
  return lastAnswer(call).rangAt
}

export function isSameCall(one: CallFact, other: CallFact): boolean {
  return one.carrier === other.carrier && one.call === other.call
}

function byId(one: CallFact, other: CallFact): number {
  return compare(one.carrier, other.carrier) || compare(one.call, other.call)
}

/** Rule F2: a caller's memory of a call lasts retention from when it rang. */
export function callerRemembersUntil(facts: Facts, call: CallFact): number {
  return rangAt(call) + (policyOf(facts, call.tenant)?.retentionMs ?? 0)
}

/**
 * Notes that its caller made this call, as it is now known (rules C3, F3). What another caller remembers of the same
 * record goes; what is remembered of an earlier record that is forgotten stays.
 */
export function rememberCall(facts: Facts, call: CallFact): void {
  const a = linkedA(lastAnswer(call))
  const last = call.answers.at(-2) ?? call.replaces?.answers.at(-1)
  const before = last === undefined ? null : linkedA(last)
  if (before !== null && before !== a) forgetCallOf(facts, call, before)
  if (a === null) return
  const caller = knownCaller(facts, call.tenant, a) ?? meet(facts, call.tenant, a)
  caller.calls = [...caller.calls.filter(other => !isSameCall(other, call)), call]
    .sort((one, other) => rangAt(one) - rangAt(other) || byId(one, other))
    .slice(-facts.bounds.callsPerCallerMax)
}

function forgetCallOf(facts: Facts, call: CallFact, a: Pseudonym): void {
  const caller = knownCaller(facts, call.tenant, a)
  if (caller === undefined) return
  caller.calls = caller.calls.filter(other => !isSameCall(other, call))
  caller.gone = caller.calls.length === 0
}

function meet(facts: Facts, tenant: string, a: Pseudonym): CallerFact {
  const caller: CallerFact = { tenant, a, calls: [], gone: false }
  facts.callers.push(caller)
  return caller
}
