import type { Chance } from '../load/chance.ts'
import { type GatewayWork, openGatewayWork, type Work, works } from './gatewayWork.ts'

/** What sealing costs the gateway in processor time, in microseconds per event: means over batches that took turns. */
export type Price = {
  readonly work: Work
  readonly sealed: number
  readonly unsealed: number
}

export type PriceCounts = { readonly batches: number; readonly perBatch: number; readonly warmUp: number }

/** In turns, because what else the machine does falls on both alike then. */
export async function measurePrice(counts: PriceCounts, chance: Chance): Promise<Price[]> {
  const bench = await openGatewayWork()
  const turns = { next: 0 }
  try {
    for (const work of works) {
      for (const side of [bench.sealed, bench.unsealed]) timed(side, work, counts.warmUp, turns)
    }
    return works.map(work => priceOf(bench, work, counts, chance, turns))
  } finally {
    bench.stop()
  }
}

function priceOf(
  bench: { readonly sealed: GatewayWork; readonly unsealed: GatewayWork },
  work: Work,
  { batches, perBatch }: PriceCounts,
  chance: Chance,
  turns: { next: number },
): Price {
  const spentIn = { sealed: 0, unsealed: 0 }
  for (let batch = 0; batch < batches; batch += 1) {
    for (const side of chance.shuffled(['sealed', 'unsealed'] as const))
      spentIn[side] += timed(bench[side], work, perBatch, turns)
  }
  const perEvent = (micros: number) => micros / (batches * perBatch)
  return { work, sealed: perEvent(spentIn.sealed), unsealed: perEvent(spentIn.unsealed) }
}

/** Processor time of this thread, in microseconds: a batch that somebody interrupts takes no more of it. */
function spent(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}

/** Microseconds of so many events; the kernel counts in ticks, so only many together say something. */
function timed(side: GatewayWork, work: Work, events: number, turns: { next: number }): number {
  const began = spent()
  for (let event = 0; event < events; event += 1) side[work](turns.next++)
  return spent() - began
}
