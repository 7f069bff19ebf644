import { linkedCaller } from './caller.ts'
import { truths } from './due.ts'
import { broken, checkQueue } from './invariantsQueue.ts'
import type { CallRecord, Match } from './outcome.ts'
import { erased } from './reasons.ts'
import type { Caller } from './records.ts'
import { callKey, type State, type TenantIndex } from './state.ts'

export function checkCalls(state: State, index: TenantIndex): void {
  const { calls, callers, due } = index
  const { bounds } = state
  if (calls.size > bounds.callsPerTenantMax) broken('calls are bounded')
  if (callers.size > bounds.callersPerTenantMax) broken('callers are bounded')
  for (const [key, call] of calls.entries()) checkCall(state, index, key, call)
  for (const [a, caller] of callers.entries()) checkCaller(index, a, caller)
  checkQueue('calls', due.calls, calls, truths.calls(index))
  checkQueue('callers', due.callers, callers, truths.callers(index))
}

function checkCall({ now }: State, index: TenantIndex, key: string, call: CallRecord): void {
  if (callKey(call.carrier, call.call) !== key) broken('a call stands under its key')
  if (!index.carriers.has(call.carrier)) broken('a carrier that reported is known')
  const states = call.heard.map(one => one.state)
  if (states.length === 0 || new Set(states).size !== states.length) broken('a state is heard once')
  const ring = call.heard.find(one => one.state === 'ring')
  const rangAt = ring?.at ?? Math.min(...call.heard.map(one => one.at))
  if (call.rangAt !== rangAt) broken('a call rang at its ring')
  if (call.heard.some(one => one.at > now)) broken('no call is in the future')
  if ((call.ringMs ?? 0) < 0 || (call.talkMs ?? 0) < 0) broken('nothing lasts less than no time')
  if ((call.firstTime === null) !== (linkedCaller(call) === null))
    broken('a caller of whom nothing is used is neither new nor known')
  checkMatch(index, call.match)
}

const nobody = ['none', 'static', 'deferred']

function checkMatch(
  { bounds }: TenantIndex,
  { kind, confidence, session, visitor, candidates, reasons }: Match,
): void {
  const isNobody = nobody.includes(kind)
  const lostName = !isNobody && session === null && visitor === null && reasons.includes(erased)
  if (!lostName && (isNobody !== (session === null) || isNobody !== (visitor === null)))
    broken('a match names who it says')
  const [best] = candidates
  if (!lostName && isNobody !== (best === undefined)) broken('a session that is named is a candidate')
  if (candidates.length > bounds.candidatesMax) broken('candidates are bounded')
  if (best === undefined) return
  if (!lostName && (best.session !== session || best.confidence !== confidence))
    broken('the first candidate is the answer')
  candidates.forEach((one, place) => {
    const before = candidates[place - 1]
    if (before !== undefined && before.confidence < one.confidence) broken('candidates stand best first')
  })
  const sum = candidates.reduce((total, one) => total + one.confidence, 0)
  if (sum > 1_000) broken('confidence is a probability')
}

/** A caller's calls stand in the order in which they rang, and what is remembered of a call is still so. */
function checkCaller(index: TenantIndex, a: string, { calls }: Caller): void {
  if (calls.length === 0 || calls.length > index.bounds.callsPerCallerMax) broken('a caller has some calls')
  if (new Set(calls.map(one => callKey(one.carrier, one.call))).size !== calls.length)
    broken('a caller’s call stands once')
  calls.forEach((one, place) => {
    const before = calls[place - 1]
    if (before !== undefined && before.rangAt > one.rangAt) broken('a caller’s calls stand as they rang')
    const call = index.calls.get(callKey(one.carrier, one.call))
    // Of another caller it is another call, begun when the record of this one was forgotten.
    if (call === undefined || linkedCaller(call) !== a) return
    if (call.rangAt !== one.rangAt) broken('a caller knows its calls as they are')
    if (one.to !== null && one.to.session !== call.match.session) broken('a caller’s call went where it went')
  })
}

export function checkProducers(state: State): void {
  const { producers } = state.tables
  if (producers.size > state.bounds.producersMax) broken('producers are bounded')
  for (const [, { highest, gaps, lastAt }] of producers.entries()) {
    if (lastAt > state.now) broken('no producer is in the future')
    gaps.forEach((gap, place) => {
      const before = gaps[place - 1] ?? Math.max(0, highest - state.bounds.producerWindow)
      if (gap <= before || gap >= highest) broken('gaps rise within the window')
    })
  }
  checkQueue('producers', state.silences, producers, truths.producers(state))
}
