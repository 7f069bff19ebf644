import { monitorEventLoopDelay } from 'node:perf_hooks'
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { knownSeries } from '../core/knownSeries.ts'
import { gatewayMeasures, type Measure, type MeasureName, measures } from '../core/measures.ts'

/**
 * The one door to prom-client. The gateway counts in a registry of its own; worker threads send their totals as JSON,
 * and both are written out together when somebody scrapes.
 */
export type Metrics = ReturnType<typeof createMetrics>

/** How many observations may wait to be sorted into their buckets. */
const observedMax = 1_024

type Kinds = { readonly counter: Counter; readonly gauge: Gauge; readonly histogram: Histogram }
type Pending = { readonly labels: readonly string[]; by: number }

/** `counted`: whose series are there from the start, with 0. */
export function createMetrics(counted: Partial<Record<MeasureName, Measure>> = gatewayMeasures) {
  const registry = new Registry()
  const made = new Map<MeasureName, Counter | Gauge | Histogram>()
  // What was counted since somebody last looked: prom-client looks a series up anew at every increment.
  const pending = new Map<MeasureName, Map<string, Pending>>()
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const of = <Kind extends keyof Kinds>(name: MeasureName, kind: Kind): Kinds[Kind] => {
    const known = made.get(name) ?? create(registry, name, measures[name])
    made.set(name, known)
    if (measures[name].type !== kind) throw new Error(`${name} is no ${kind}`)
    return known as Kinds[Kind]
  }
  const flush = () => {
    for (const [name, series] of pending)
      for (const { labels, by } of series.values())
        of(name, 'counter')
          .labels(...labels)
          .inc(by)
    pending.clear()
    observations.sort()
  }
  const observations = createObservations(name => of(name, 'histogram'))
  for (const name of Object.keys(counted) as MeasureName[])
    for (const labels of knownSeries(name)) addTo(pending, name, labels, 0)
  return {
    /** Adds to a counter; labels in the order in which `measures` names them. */
    add: (name: MeasureName, labels: readonly string[], by = 1) => addTo(pending, name, labels, by),
    set: (name: MeasureName, labels: readonly string[], value: number) =>
      of(name, 'gauge')
        .labels(...labels)
        .set(value),
    /** Sets a counter that is counted elsewhere. */
    total: (name: MeasureName, value: number) => {
      const counter = of(name, 'counter')
      counter.reset()
      counter.inc(value)
    },
    observe: observations.observe,
    /** Everything in the text format of Prometheus, with what the threads counted. */
    text: async (threads: readonly object[][]) => {
      for (const quantile of [50, 99, 100]) {
        of('ringtrail_event_loop_delay_seconds', 'gauge')
          .labels(String(quantile / 100))
          .set(delay.percentile(quantile) / 1e9)
      }
      delay.reset()
      flush()
      const own = await registry.getMetricsAsJSON()
      const all = AggregatorRegistry.aggregate([own, ...threads])
      return { type: all.contentType, text: await all.metrics() }
    },
  }
}

/** Observations wait in a row and are sorted into their buckets together, when somebody looks or the row is full. */
function createObservations(histogramOf: (name: MeasureName) => Histogram) {
  const observed = new Map<MeasureName, number[]>()
  const sort = (name: MeasureName, values: number[]) => {
    const histogram = histogramOf(name)
    for (const value of values.splice(0)) histogram.observe(value)
  }
  return {
    observe: (name: MeasureName, seconds: number) => {
      const values = observed.get(name)
      if (values === undefined) return void observed.set(name, [seconds])
      values.push(seconds)
      if (values.length >= observedMax) sort(name, values)
    },
    sort: () => {
      for (const [name, values] of observed) sort(name, values)
    },
  }
}

function addTo(
  pending: Map<MeasureName, Map<string, Pending>>,
  name: MeasureName,
  labels: readonly string[],
  by: number,
): void {
  const key = labels.length === 1 ? (labels[0] ?? '') : labels.join('\u0000')
  const series = pending.get(name) ?? new Map<string, Pending>()
  const known = series.get(key)
  if (known !== undefined) {
    known.by += by
    return
  }
  pending.set(name, series.set(key, { labels, by }))
}

function create(registry: Registry, name: MeasureName, measure: Measure): Counter | Gauge | Histogram {
  const common = { name, help: measure.help, labelNames: [...measure.labels], registers: [registry] }
  if (measure.type === 'counter') return new Counter(common)
  if (measure.type === 'gauge') return new Gauge(common)
  return new Histogram({ ...common, buckets: [...(measure.buckets ?? [])] })
}
