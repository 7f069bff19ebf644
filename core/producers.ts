import { forgetProducerAt, truths } from './due.ts'
import type { Entry } from './input.ts'
import type { Forgotten } from './outcome.ts'
import type { Producer } from './records.ts'
import type { State } from './state.ts'
import type { LogTime } from './words.ts'

/**
 * The last filter for doubles: per producer the highest counter and what is missing below it, within a window (rule L2).
 * Says whether the entry's message counts. The events of one message share counter and sequence.
 */
export function hearProducer(state: State, entry: Entry): boolean {
  const { producer: name, counter, sequence } = entry
  const { producers } = state.tables
  const known = rememberedProducer(state, name)
  if (known === undefined) {
    const gaps = gapsBelow(state, 1, counter)
    producers.set(name, { highest: counter, gaps, sequence, late: null, lastAt: state.now })
    state.silences.file(name, 0)
    return true
  }
  if (counter === known.highest) return sequence === known.sequence
  if (counter > known.highest) advance(state, known, entry)
  else if (known.late?.counter === counter && known.late.sequence === sequence) return true
  else if (!fillGap(known, counter, sequence, state.now)) return false
  producers.touch(name)
  return true
}

/** A producer that is not known yet takes the place of the one that was silent longest (rule F6). */
export function makeRoomForProducer(state: State, { producer }: Entry): Forgotten | null {
  const { producers } = state.tables
  if (producers.size < state.bounds.producersMax || producers.has(producer)) return null
  const first = state.silences.first(truths.producers(state))
  if (first === null) return null
  return { kind: 'forgotten', tenant: '', what: 'producer', because: 'bound', keys: [first.key] }
}

function rememberedProducer(state: State, name: string): Producer | undefined {
  const known = state.tables.producers.get(name)
  return known !== undefined && state.now < forgetProducerAt(known) ? known : undefined
}

function advance(state: State, producer: Producer, { counter, sequence }: Entry): void {
  const oldest = counter - state.bounds.producerWindow
  const gaps = gapsBelow(state, producer.highest + 1, counter)
  if (gaps.length > 0 || producer.gaps.length > 0)
    producer.gaps = [...producer.gaps, ...gaps].filter(gap => gap > oldest)
  producer.highest = counter
  producer.sequence = sequence
  producer.lastAt = state.now
}

function fillGap(producer: Producer, counter: number, sequence: number, now: LogTime): boolean {
  const gap = producer.gaps.indexOf(counter)
  if (gap < 0) return false
  producer.gaps.splice(gap, 1)
  producer.late = { counter, sequence }
  producer.lastAt = now
  return true
}

function gapsBelow({ bounds }: State, from: number, counter: number): number[] {
  const gaps: number[] = []
  const first = Math.max(from, counter - bounds.producerWindow + 1)
  for (let missing = first; missing < counter; missing++) gaps.push(missing)
  return gaps
}
