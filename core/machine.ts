import { decide } from './decide.ts'
import { evolve } from './evolve.ts'
import type { Entry } from './input.ts'
import { limits } from './limits.ts'
import type { Outcome } from './outcome.ts'
import type { Producer } from './records.ts'
import type { State } from './state.ts'
import type { LogTime } from './words.ts'

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
  if (isRepeated(state, entry)) return [{ kind: 'repeated', what: 'message' }]
  const outcomes = decideOrPoison(state, entry)
  for (const outcome of outcomes) evolve(state, outcome)
  return outcomes
}

function decideOrPoison(state: State, entry: Entry): Outcome[] {
  try {
    return decide(state, entry.input)
  } catch (error) {
    throw new Poisoned('the entry could not be decided', { cause: error })
  }
}

/** The last filter for doubles: per producer the highest counter and what is missing below it, within a window. */
function isRepeated(state: State, { producer: name, counter, sequence }: Entry): boolean {
  const known = state.tables.producers.get(name)
  if (known === undefined) {
    state.tables.producers.set(name, {
      highest: counter,
      gaps: gapsBelow(1, counter),
      sequence,
      late: null,
      lastAt: state.now,
    })
    state.forgets.file(`producers ${name}`, 0)
    return false
  }
  if (counter > known.highest) {
    advance(known, counter, sequence, state.now)
    state.tables.producers.touch(name)
    return false
  }
  if (counter === known.highest) return sequence !== known.sequence
  if (known.late?.counter === counter && known.late.sequence === sequence) return false
  const gap = known.gaps.indexOf(counter)
  if (gap < 0) return true
  known.gaps.splice(gap, 1)
  known.late = { counter, sequence }
  state.tables.producers.touch(name)
  return false
}

function advance(producer: Producer, counter: number, sequence: number, now: LogTime): void {
  producer.gaps = [...producer.gaps, ...gapsBelow(producer.highest + 1, counter)].filter(
    gap => gap > counter - limits.producerWindow,
  )
  producer.highest = counter
  producer.sequence = sequence
  producer.lastAt = now
}

function gapsBelow(from: number, counter: number): number[] {
  const gaps: number[] = []
  for (let missing = Math.max(from, counter - limits.producerWindow + 1); missing < counter; missing++)
    gaps.push(missing)
  return gaps
}
