import { decide } from './decide.ts'
import { evolve } from './evolve.ts'
import type { Entry } from './input.ts'
import type { Outcome } from './outcome.ts'
import { hearProducer, makeRoomForProducer } from './producers.ts'
import type { State } from './state.ts'

export { nextPulseAt } from './expire.ts'

/** `decide` threw: it only reads, so the state is whole, and every owner sets the same entry aside. */
export class Poisoned extends Error {
  override readonly name = 'Poisoned'
}

/**
 * Applies one entry: moves time (never back), drops what its producer sent before, decides, and makes it so. Throws
 * `Poisoned` where the entry cannot be decided; any other throw means that the state can no longer be trusted.
 */
export function apply(state: State, entry: Entry): Outcome[] {
  if (entry.at > state.now) {
    state.now = entry.at
    state.tables.clock.set('now', entry.at)
  }
  const forgotten = makeRoomForProducer(state, entry)
  if (forgotten !== null) evolve(state, forgotten)
  if (!hearProducer(state, entry)) return [{ kind: 'repeated', what: 'message' }]
  const outcomes = decideOrPoison(state, entry)
  for (const outcome of outcomes) evolve(state, outcome)
  if (forgotten !== null) outcomes.unshift(forgotten)
  return outcomes
}

function decideOrPoison(state: State, entry: Entry): Outcome[] {
  try {
    return decide(state, entry.input)
  } catch (error) {
    throw new Poisoned('the entry could not be decided', { cause: error })
  }
}
