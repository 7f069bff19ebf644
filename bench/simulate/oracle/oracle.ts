import type { Configured, Entry } from '../../../core/input.ts'
import type { Outcome } from '../../../core/outcome.ts'
import { predictSignal } from './calls.ts'
import { type Bounds, compare, createFacts, type Facts, isKnown, type ProducerFact } from './facts.ts'
import { forgetPast, makeRoomForProducer, notePast } from './forget.ts'
import { continuableUntil } from './life.ts'
import { predictRectification } from './rectify.ts'
import { predictContractEnd, predictErasure, predictRestriction } from './subjects.ts'
import { announce, predictBeats, predictVisit, predictWithdrawal } from './visits.ts'

export type { Bounds, Facts }
export { createFacts }

/** Notes one entry and says what follows from it by the rules, as a list whose order matters only where they say so. */
export function predict(facts: Facts, entry: Entry): Outcome[] {
  facts.entry += 1
  facts.order += 1
  facts.now = Math.max(facts.now, entry.at)
  notePast(facts)
  const room = noteMessage(facts, entry)
  if (room === null) return [{ kind: 'repeated', what: 'message' }]
  return [...room, ...predictInput(facts, entry)]
}

function predictInput(facts: Facts, { input }: Entry): Outcome[] {
  switch (input.kind) {
    case 'hello':
    case 'page':
    case 'engagement':
      return predictVisit(facts, input)
    case 'beats':
      return predictBeats(facts, input)
    case 'consent-withdrawn':
      return predictWithdrawal(facts, input)
    case 'signal':
      return predictSignal(facts, input)
    case 'configured':
      return predictConfigured(facts, input)
    case 'pulse':
      return [...endingsDue(facts), ...forgetPast(facts)]
    case 'subject-erased':
      return predictErasure(facts, input)
    case 'subject-restricted':
      return predictRestriction(facts, input)
    case 'call-rectified':
      return predictRectification(facts, input)
    case 'noted':
      return [{ kind: 'noted', tenant: input.tenant }]
    case 'tenant-ended':
      return predictContractEnd(facts, input)
  }
}

/** Rule L2, with F5 and F6; null: the message counted before, or is older than what is remembered. */
function noteMessage(facts: Facts, { producer, counter, sequence }: Entry): Outcome[] | null {
  const known = facts.producers.find(one => one.producer === producer && isKnown(one))
  const message = { counter, sequence, at: facts.now }
  if (known === undefined) {
    const room = [...makeRoomForProducer(facts, producer)]
    for (const before of facts.producers) if (before.producer === producer) before.gone = true
    facts.producers.push({ producer, counted: [message], past: false, gone: false })
    return room
  }
  if (isRepeated(facts, known, message)) return null
  known.counted.push(message)
  return []
}

type Message = { readonly counter: number; readonly sequence: number }

function isRepeated(facts: Facts, { counted }: ProducerFact, { counter, sequence }: Message): boolean {
  const same = counted.find(one => one.counter === counter)
  if (same !== undefined) return same.sequence !== sequence
  const highest = Math.max(...counted.map(one => one.counter))
  return counter <= highest - facts.bounds.producerWindow
}

/** Rule L5. */
function predictConfigured(facts: Facts, { tenant, version, policy }: Configured): Outcome[] {
  const before = facts.policies.findLast(one => one.tenant === tenant)
  if (before?.version === version) return [{ kind: 'repeated', what: 'event' }]
  facts.policies.push({ tenant, version, policy })
  return [{ kind: 'configured', tenant, version, policy }]
}

/** Rules E4 and E7. */
function endingsDue(facts: Facts): Outcome[] {
  const due = facts.sessions
    .filter(session => !session.gone && session.announcedIn === null)
    .map(session => ({ session, from: continuableUntil(facts, session) }))
    .filter(({ from }) => from <= facts.now)
    .sort(
      (one, other) =>
        compare(one.session.tenant, other.session.tenant) ||
        one.from - other.from ||
        compare(one.session.session, other.session.session),
    )
  return due.slice(0, facts.bounds.endPerPulseMax).map(({ session }) => announce(facts, session))
}
