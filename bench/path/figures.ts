import { createHistogram } from 'node:perf_hooks'

/** Latencies of one run, in microseconds. */
export type Figures = {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** Sums up latencies given in milliseconds. A percentile is a sample that was seen, to three digits. */
export function figuresOf(latenciesMs: readonly number[]): Figures {
  const histogram = createHistogram({ figures: 3 })
  for (const latency of latenciesMs) histogram.record(Math.max(1, Math.round(latency * 1e6)))
  const micros = (percentile: number) => histogram.percentile(percentile) / 1e3
  return {
    count: latenciesMs.length,
    p50: micros(50),
    p99: micros(99),
    p999: micros(99.9),
    max: latenciesMs.length === 0 ? 0 : histogram.max / 1e3,
  }
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  const high = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return (low + high) / 2
}

/** Runs a round trip so many times with one in flight, and gives each one's time in milliseconds. */
export async function oneInFlight(
  count: number,
  roundTrip: (index: number) => Promise<void>,
): Promise<number[]> {
  const latenciesMs: number[] = []
  for (let index = 0; index < count; index += 1) {
    const sentAt = performance.now()
    await roundTrip(index)
    latenciesMs.push(performance.now() - sentAt)
  }
  return latenciesMs
}
