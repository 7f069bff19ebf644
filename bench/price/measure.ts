import type { Chance } from '../load/chance.ts'
import { median } from '../path/figures.ts'
import { type GatewayWork, openGatewayWork, type Work, works } from './gatewayWork.ts'

/** What sealing costs the gateway in its own time, in microseconds per event: medians of batches that took turns. */
export type Price = {
  readonly work: Work
  readonly sealed: number
  readonly unsealed: number
  /** The median of the ratios of neighbouring batches. */
  readonly ratio: number
}

export type PriceCounts = { readonly batches: number; readonly perBatch: number; readonly warmUp: number }

/** Batches are timed, because a clock costs as much as what is timed, and in turns, because others share the machine. */
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
  const found: Record<'sealed' | 'unsealed', number[]> = { sealed: [], unsealed: [] }
  const ratios: number[] = []
  for (let batch = 0; batch < batches; batch += 1) {
    const pair = { sealed: 0, unsealed: 0 }
    for (const side of chance.shuffled(['sealed', 'unsealed'] as const)) {
      pair[side] = timed(bench[side], work, perBatch, turns)
      found[side].push(pair[side])
    }
    ratios.push(pair.sealed / pair.unsealed)
  }
  return { work, sealed: median(found.sealed), unsealed: median(found.unsealed), ratio: median(ratios) }
}

/** Microseconds per event. */
function timed(side: GatewayWork, work: Work, events: number, turns: { next: number }): number {
  const began = performance.now()
  for (let event = 0; event < events; event += 1) side[work](turns.next++)
  return ((performance.now() - began) * 1_000) / events
}
