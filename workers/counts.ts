import { knownSeries } from '../core/knownSeries.ts'
import { measures, type MeasureName, workerMeasures } from '../core/measures.ts'

/**
 * What a worker thread counts. Threads hold no metrics registry: plain totals travel to the main thread when it is
 * scraped, in the form in which prom-client aggregates them.
 */
export type Counts = ReturnType<typeof createCounts>

/** One metric as prom-client's `getMetricsAsJSON` writes it. */
export type MetricJson = {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly aggregator: 'sum'
  readonly values: { metricName?: string; labels: Record<string, string | number>; value: number }[]
}

type Histogram = { readonly counts: number[]; sum: number; total: number }

export function createCounts() {
  const totals = new Map<MeasureName, Map<string, number>>()
  const histograms = new Map<MeasureName, Histogram>()
  for (const name of Object.keys(workerMeasures) as MeasureName[])
    for (const labels of knownSeries(name)) seriesOf(totals, name).set(keyOf(labels), 0)
  return {
    /** Adds to a counter; labels in the order in which `measures` names them. */
    add: (name: MeasureName, labels: readonly string[], by = 1) => {
      const series = seriesOf(totals, name)
      const key = keyOf(labels)
      series.set(key, (series.get(key) ?? 0) + by)
    },
    /** Sets a gauge. */
    set: (name: MeasureName, labels: readonly string[], value: number) => {
      seriesOf(totals, name).set(keyOf(labels), value)
    },
    /** Removes every series of a gauge, before it is set anew. */
    clear: (name: MeasureName) => void totals.delete(name),
    /** Records a duration in seconds. */
    observe: (name: MeasureName, seconds: number) => observe(histograms, name, seconds),
    asJson: (): MetricJson[] => [
      ...[...totals].map(([name, series]) => totalsAsJson(name, series)),
      ...[...histograms].map(([name, histogram]) => histogramAsJson(name, histogram)),
    ],
  }
}

function keyOf(labels: readonly string[]): string {
  return labels.length === 1 ? (labels[0] ?? '') : labels.join('\u0000')
}

function seriesOf(totals: Map<MeasureName, Map<string, number>>, name: MeasureName): Map<string, number> {
  const known = totals.get(name)
  if (known !== undefined) return known
  const made = new Map<string, number>()
  totals.set(name, made)
  return made
}

function bucketsOf(name: MeasureName): readonly number[] {
  const measure = measures[name]
  return 'buckets' in measure ? measure.buckets : []
}

function observe(histograms: Map<MeasureName, Histogram>, name: MeasureName, seconds: number): void {
  const buckets = bucketsOf(name)
  let histogram = histograms.get(name)
  if (histogram === undefined) {
    histogram = { counts: new Array<number>(buckets.length).fill(0), sum: 0, total: 0 }
    histograms.set(name, histogram)
  }
  histogram.sum += seconds
  histogram.total += 1
  const at = buckets.findIndex(bound => seconds <= bound)
  if (at >= 0) histogram.counts[at] = (histogram.counts[at] ?? 0) + 1
}

function totalsAsJson(name: MeasureName, series: Map<string, number>): MetricJson {
  const measure = measures[name]
  const values = [...series].map(([key, value]) => {
    const parts = key.split('\u0000')
    return { labels: Object.fromEntries(measure.labels.map((label, i) => [label, parts[i] ?? ''])), value }
  })
  return { name, help: measure.help, type: measure.type, aggregator: 'sum', values }
}

function histogramAsJson(name: MeasureName, histogram: Histogram): MetricJson {
  let running = 0
  const bucket = `${name}_bucket`
  const values: MetricJson['values'] = bucketsOf(name).map((le, i) => {
    running += histogram.counts[i] ?? 0
    return { metricName: bucket, labels: { le }, value: running }
  })
  values.push({ metricName: bucket, labels: { le: '+Inf' }, value: histogram.total })
  values.push({ metricName: `${name}_sum`, labels: {}, value: histogram.sum })
  values.push({ metricName: `${name}_count`, labels: {}, value: histogram.total })
  return { name, help: measures[name].help, type: 'histogram', aggregator: 'sum', values }
}
