import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Link } from '../config/nats.ts'
import { rulesVersion } from '../core/state.ts'
import { streams } from '../core/wire/subjects.ts'
import type { Disks } from './disks.ts'
import type { Intake } from './intake.ts'
import type { Metrics } from './metrics.ts'
import type { NatsChild } from './natsChild.ts'
import type { Outbox } from './outbox.ts'
import { gaugeRoom } from './room.ts'
import type { Visitors } from './visitors.ts'

const measureWithinMs = 1_000

/** The worker threads of this process, where it has some. */
export type Measured = {
  measure(timeoutMs: number): Promise<{ metrics: object[][]; missing: number }>
  restarts(): number
  /** Why bytes of what was removed may stay longer than was promised. */
  erasureAtRisk(): readonly string[]
}

export type ProcessSetup = {
  readonly metrics: Metrics
  readonly link: Link
  readonly nats: NatsChild | null
  readonly worker: Measured | null
  readonly isDurable: boolean
  readonly storeFormat: number
}

/** Everything in Prometheus' text, ours and the threads'; `gauge` sets what is only known when somebody looks. */
export async function metricsText(
  setup: ProcessSetup,
  gauge: () => void,
): Promise<{ type: string; text: string }> {
  const { worker, metrics } = setup
  const measured = worker === null ? { metrics: [], missing: 0 } : await worker.measure(measureWithinMs)
  metrics.set('ringtrail_scrape_missing_threads', [], measured.missing)
  gaugeProcess(setup)
  await gaugeLog(setup)
  gauge()
  return metrics.text(measured.metrics)
}

function gaugeProcess({ metrics, link, nats, worker, isDurable, storeFormat }: ProcessSetup): void {
  metrics.set('ringtrail_log_connected', [], link.isConnected() ? 1 : 0)
  metrics.total('ringtrail_log_reconnects_total', link.reconnects())
  metrics.total('ringtrail_nats_mute_total', nats?.mutes() ?? 0)
  metrics.total('ringtrail_nats_restarts_total', nats?.restarts() ?? 0)
  metrics.total('ringtrail_thread_restarts_total', worker?.restarts() ?? 0)
  metrics.set('ringtrail_durable', [], isDurable ? 1 : 0)
  const versions = [version(), process.version, String(rulesVersion), String(storeFormat)]
  metrics.set('ringtrail_build_info', versions, 1)
}

const logSaysWithinMs = 500

/** The log is asked for its bytes; where it does not answer in time, they stay as they were. */
async function gaugeLog({ metrics, link }: ProcessSetup): Promise<void> {
  const asked = link.isConnected() ? link.streamState(streams.log).catch(() => null) : null
  const log = await Promise.race([asked, wait(logSaysWithinMs, null, { ref: false })])
  if (log !== null) metrics.set('ringtrail_log_bytes', [], log.bytes)
}

type Parts = {
  readonly metrics: Metrics
  readonly visitors: Visitors
  readonly intake: Intake
  readonly outbox: Outbox
  readonly disks: Disks
}

/** What a gateway holds at this moment. */
export function gaugeGateway({ metrics, visitors, intake, outbox, disks }: Parts): void {
  gaugeRoom(metrics, disks, intake)
  metrics.set('ringtrail_sockets', ['visitor'], visitors.sockets())
  metrics.set('ringtrail_lane_waiting', ['visit'], intake.waiting('visit'))
  metrics.set('ringtrail_lane_waiting', ['call'], intake.waiting('call'))
  metrics.set('ringtrail_outbox_entries', [], outbox.size())
  metrics.total('ringtrail_outbox_spooled_total', outbox.spooled())
  metrics.total('ringtrail_outbox_failed_total', outbox.failed())
}

/** The product's version, from package.json. */
export function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
