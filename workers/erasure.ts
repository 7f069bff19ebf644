import { statfs } from 'node:fs/promises'
import { causeOf, type Logger } from '../config/logger.ts'
import type { Link } from '../config/nats.ts'
import { limits } from '../core/limits.ts'
import { streams } from '../core/wire/subjects.ts'
import type { Counts } from './counts.ts'
import { oldestAt, pad, type Padded, paddingState } from './padding.ts'

/** What keeps bytes of what was removed on the disk: `log-held`: entries that a partition has not passed. */
export type AtRisk = (typeof everyRisk)[number]
const everyRisk = ['log-held', 'log-padding', 'results-padding'] as const

/** The times are a policy, so that tests take seconds for days. */
export type ErasureSetup = {
  readonly link: Link
  readonly logger: Logger
  readonly counts: Counts
  readonly logBytesMax: number
  readonly resultsBytesMax: number
  readonly everyMs: number
  readonly riskAfterMs: number
  /** The folder of the streams; null: they are on another machine, which watches its own disk. */
  readonly streamsFolder: string | null
}

export type Erasure = { round(now: number): Promise<void>; atRisk(): readonly AtRisk[] }

/** Pads both streams when they are due, and knows whether what was removed may stay for longer than was promised. */
export function createErasure(setup: ErasureSetup): Erasure {
  const { everyMs } = setup
  const log = { stream: streams.log, bytesMax: setup.logBytesMax, everyMs }
  const results = { stream: streams.results, bytesMax: setup.resultsBytesMax, everyMs }
  let risks: readonly AtRisk[] = []
  gauge(setup.counts, risks)
  return {
    atRisk: () => risks,
    round: async now => {
      const lasts = [await round(setup, log, now), await round(setup, results, now)]
      const oldest = await oldestAt(setup.link, streams.log)
      const isOld = (since: number | null | undefined) => since != null && now - since > setup.riskAfterMs
      const found: AtRisk[] = []
      if (isOld(oldest)) found.push('log-held')
      if (isOld(lasts[0])) found.push('log-padding')
      if (isOld(lasts[1])) found.push('results-padding')
      gauge(setup.counts, found)
      if (found.some(what => !risks.includes(what))) setup.logger.error({ what: found }, 'erasure_at_risk')
      risks = found
    },
  }
}

function gauge(counts: Counts, found: readonly AtRisk[]): void {
  for (const what of everyRisk) counts.set('ringtrail_erasure_at_risk', [what], found.includes(what) ? 1 : 0)
}

/** One stream. Says since when its block is in use; null: it has nothing in it. */
async function round(setup: ErasureSetup, padded: Padded, now: number): Promise<number | null> {
  const { link, logger, counts } = setup
  const { due, paddedAt } = await paddingState(link, padded, now)
  const since = paddedAt ?? (await oldestAt(link, padded.stream))
  if (!due) return since
  const failed = (why: object) => {
    counts.add('ringtrail_padding_failures_total', [padded.stream])
    logger.warn({ stream: padded.stream, ...why }, 'padding_failed')
    return since
  }
  if (await isDiskFull(setup.streamsFolder)) return failed({ full: 'disk' })
  try {
    const bytes = await pad(link, padded, now)
    if (bytes === null) return failed({ full: 'stream' })
    counts.add('ringtrail_padding_bytes_total', [padded.stream], bytes)
    return now
  } catch (error) {
    return failed(causeOf(error))
  }
}

/** Whether the disk under a folder is fuller than it may be for what is not needed at once; null: it is on another machine. */
export async function isDiskFull(folder: string | null): Promise<boolean> {
  if (folder === null) return false
  const { blocks, bfree, bavail } = await statfs(folder)
  const used = blocks - bfree
  return used + bavail > 0 && used / (used + bavail) > limits.paddingStopAt
}
