import { createChance } from '../load/chance.ts'
import { measureDoors } from '../price/doors.ts'
import { measurePrice } from '../price/measure.ts'
import { openFloor } from './floor.ts'
import { measureMatch } from './match.ts'
import { openLoop } from './openLoop.ts'
import { openPath } from './path.ts'
import { loadOfMachine } from './processor.ts'
import type { Report } from './report.ts'
import { measureRounds, ratiosOf } from './rounds.ts'

export type Counts = {
  readonly rounds: number
  readonly perRound: number
  readonly warmUp: number
  readonly visitors: number
  readonly openSeconds: number
  readonly lent: number
  readonly matchMs: number
  /** How often each kind of event is timed, with sealing and without. */
  readonly priceBatches: number
  /** How many events of each kind come in by each of the two doors, in how many rounds. */
  readonly doorRounds: number
  readonly perDoorRound: number
}

const seed = 20_260_101
const rates = { callsPerSecond: 200, eventsPerSecond: 2_000 }

/** Two floors and two systems side by side, measured in turns; everything started here is ended here. */
export async function measure(counts: Counts): Promise<Report> {
  const loadBefore = loadOfMachine()
  const ends: (() => Promise<void>)[] = []
  const kept = async <Part extends { stop(): Promise<void> }>(opening: Promise<Part>): Promise<Part> => {
    const part = await opening
    ends.unshift(part.stop)
    return part
  }
  try {
    const floorLazy = await kept(openFloor('lazy'))
    const floorDurable = await kept(openFloor('durable'))
    const lazy = await kept(openPath('lazy', counts.visitors))
    const durable = await kept(openPath('durable', counts.visitors))
    const chance = createChance(seed)
    const measures = {
      bare: floorLazy.bare,
      floorLazy: floorLazy.log,
      floorDurable: floorDurable.log,
      lazy: lazy.closed,
      durable: durable.closed,
    }
    const closed = await measureRounds(measures, counts, chance)
    const processor = { lazy: lazy.processor(), durable: durable.processor() }
    const deferred = { lazy: lazy.deferred(), durable: durable.deferred() }
    const load = { ...rates, seconds: counts.openSeconds }
    const open = {
      lazy: await openLoop(lazy, load, chance),
      durable: await openLoop(durable, load, chance),
    }
    const match = await measureMatch(counts.lent, counts.matchMs)
    const price = await measurePrice(
      { batches: counts.priceBatches, perBatch: 400, warmUp: 100 * counts.priceBatches },
      chance,
    )
    const { doorRounds, perDoorRound } = counts
    const doors = await measureDoors(
      { rounds: doorRounds, perRound: perDoorRound, warmUp: perDoorRound },
      chance,
    )
    const { rounds, perRound } = counts
    const ratios = ratiosOf(closed.rounds)
    const busy = { before: loadBefore, after: loadOfMachine() }
    return {
      counts: { rounds, perRound },
      busy,
      closed,
      processor,
      deferred,
      ratios,
      open,
      match,
      price,
      doors,
    }
  } finally {
    for (const end of ends) await end()
  }
}
