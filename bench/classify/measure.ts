import { Bench } from 'tinybench'
import { classify } from '../../core/sources.ts'
import { siteView } from '../../gateway/siteView.ts'
import { arrivals } from './arrivals.ts'

/** Nanoseconds of one page view, channel and search phrase included: over the whole mix, and of each of its arrivals. */
export type Classifying = {
  readonly p50Ns: number
  readonly p99Ns: number
  readonly each: readonly { readonly url: string; readonly referrer: string | null; readonly p50Ns: number }[]
}

const site = siteView(
  { origins: ['https://www.shop.example'], ignoreReferrers: ['example-pay.com'] },
  { channels: [] },
)

const perArrival = 20

/**
 * The work of a gateway for one page view, before it seals. Small batches are timed: a clock costs a twentieth of a page view,
 * and what else the machine does falls on few of them, so that the median does not show it.
 */
export async function measureClassifying(timeMs: number): Promise<Classifying> {
  const mix = await timed(timeMs, arrivals.length, () => {
    for (const arrival of arrivals) classify(arrival, site)
  })
  const each: Classifying['each'][number][] = []
  for (const arrival of arrivals) {
    const { p50Ns } = await timed(timeMs / 20, perArrival, () => {
      for (let turn = 0; turn < perArrival; turn += 1) classify(arrival, site)
    })
    each.push({ url: arrival.url, referrer: arrival.referrer ?? null, p50Ns })
  }
  return { ...mix, each }
}

async function timed(
  timeMs: number,
  perBatch: number,
  batch: () => void,
): Promise<{ p50Ns: number; p99Ns: number }> {
  const bench = new Bench({ time: timeMs, warmupTime: timeMs / 2 })
  bench.add('classify', batch)
  await bench.run()
  const result = bench.tasks[0]?.result
  if (result === undefined || !('latency' in result)) throw new Error('nothing was measured')
  const nanos = (ms: number) => (ms * 1e6) / perBatch
  return { p50Ns: nanos(result.latency.p50), p99Ns: nanos(result.latency.p99) }
}
