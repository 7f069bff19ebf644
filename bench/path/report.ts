import Table from 'cli-table3'
import type { PathPrice } from '../price/doors.ts'
import type { Price } from '../price/measure.ts'
import { doorsText, priceText } from '../price/report.ts'
import type { Figures } from './figures.ts'
import type { MatchAlone } from './match.ts'
import type { OpenLoop } from './openLoop.ts'
import type { Measured, Ratio, Rounds } from './rounds.ts'

export type Report = {
  readonly counts: { readonly rounds: number; readonly perRound: number }
  /** The machine's load average of a minute, which counts whatever else runs there. */
  readonly busy: { readonly before: number; readonly after: number }
  readonly closed: Rounds
  readonly processor: Readonly<
    Record<'lazy' | 'durable', { readonly ringtrail: number; readonly nats: number }>
  >
  /** Calls of the closed loop, warm-up included, that got no match within the routing budget. */
  readonly deferred: { readonly lazy: number; readonly durable: number }
  readonly ratios: readonly Ratio[]
  readonly open: { readonly lazy: OpenLoop; readonly durable: OpenLoop }
  readonly match: MatchAlone
  readonly price: readonly Price[]
  readonly doors: readonly PathPrice[]
}

const names: Readonly<Record<Measured, string>> = {
  bare: 'bare NATS request/reply',
  floorLazy: 'floor: log, ordered consumer, reply (lazy)',
  floorDurable: 'the same with a flush per message (durable)',
  lazy: 'full call path, lazy',
  durable: 'full call path, durable',
}

const style = { head: [], border: [] }
const micros = (value: number) => value.toFixed(0)

/** The report as people read it. Latencies are in microseconds. */
export function reportText(report: Report): string {
  const { rounds, perRound } = report.counts
  return [
    `Closed loop, one in flight: medians of ${rounds} interleaved rounds of ${perRound}; p99.9 and max over all (µs)`,
    closedTable(report.closed),
    `Answered without a match after 200 ms: ${report.deferred.lazy} lazy, ${report.deferred.durable} durable`,
    processorText(report),
    'Ratios: median of the rounds (lowest to highest)',
    ratioTable(report.ratios),
    'Open loop, calls from their intended moment (µs); not judged, because it shares its cores with its generator',
    openTable(report.open),
    ...Object.entries(report.open).map(([mode, open]) => `${mode}: ${causeOf(open)}`),
    `Load of the machine: ${report.busy.before.toFixed(1)} before, ${report.busy.after.toFixed(1)} after`,
    `The match alone, ${report.match.lent} lent numbers: p50 ${micros(report.match.p50Ns)} ns, p99 ${micros(report.match.p99Ns)} ns`,
    doorsText(report.doors),
    priceText(report.price),
    '',
  ].join('\n')
}

/** Steadier than a latency where others share the machine. */
function processorText({ processor }: Report): string {
  const modes = (['lazy', 'durable'] as const).map(mode => {
    const { ringtrail, nats } = processor[mode]
    return `${mode} ${micros(ringtrail)} µs and ${micros(nats)} µs`
  })
  return `Processor time per call, Ringtrail and its nats-server: ${modes.join('; ')}`
}

function figuresRow(name: string, figures: Figures): string[] {
  const { p50, p99, p999, max, count } = figures
  return [name, micros(p50), micros(p99), micros(p999), micros(max), String(count)]
}

function closedTable({ medians }: Rounds): string {
  const table = new Table({ head: ['', 'p50', 'p99', 'p99.9', 'max', 'samples'], style })
  for (const name of Object.keys(names) as Measured[]) table.push(figuresRow(names[name], medians[name]))
  return table.toString()
}

function ratioTable(ratios: readonly Ratio[]): string {
  const table = new Table({ head: ['', 'ratio', 'target', ''], style })
  for (const { name, of, lowest, highest, target, met } of ratios) {
    const range = `${of.toFixed(2)} (${lowest.toFixed(2)} to ${highest.toFixed(2)})`
    table.push([name, range, target === null ? '' : `≤ ${target}`, verdict(met)])
  }
  return table.toString()
}

function verdict(met: boolean | null): string {
  if (met === null) return 'not judged'
  return met ? 'met' : 'not met'
}

function openTable(open: Report['open']): string {
  const table = new Table({ head: ['', 'p50', 'p99', 'p99.9', 'max', 'samples'], style })
  for (const mode of ['lazy', 'durable'] as const) {
    table.push(figuresRow(`${mode}: calls`, open[mode].calls))
    table.push(figuresRow(`${mode}: lag of the generator`, open[mode].lag))
  }
  return table.toString()
}

function causeOf(open: OpenLoop): string {
  const kinds = Object.entries(open.kinds).map(([kind, count]) => `${count} ${kind}`)
  const events = `${open.eventsAcknowledged} of ${open.eventsSent} visitor events acknowledged, ${open.eventsRefused} refused`
  const delay = `event-loop delay of the generator p99 ${micros(open.loopDelayP99)} µs`
  return `${kinds.join(', ')}; ${events}; lag of the generator p99 ${micros(open.lag.p99)} µs; ${delay}`
}
