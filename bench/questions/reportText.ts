import type { Measured } from './measure.ts'

/** What was measured, beside what was promised. */
export function reportText(found: Measured & { readonly calls: number; readonly load: number }): string {
  const { reports, pages, match, events, streams, streamedP99, calls, load } = found
  const ms = (value: number) => `${value.toFixed(1)} ms`
  const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MB`
  const met = (isMet: boolean) => (isMet ? 'met' : 'not met')
  const lines = [
    `${calls} calls stored; load of the machine ${load.toFixed(1)}`,
    `report   p50 ${ms(reports.p50)}, p95 ${ms(reports.p95)} of ${reports.count}; at most 200 ms: ${met(reports.p95 < 200)}`,
    `page     p50 ${ms(pages.p50)}, p95 ${ms(pages.p95)} of ${pages.count}; at most 20 ms: ${met(pages.p95 < 20)}`,
    `match    p50 ${match.p50.alone} µs alone, ${match.p50.asked} µs with questions`,
    `         p99 ${match.p99.alone} µs alone, ${match.p99.asked} µs with questions; median of ratios ${match.ratio.toFixed(2)}; at most 1.25: ${met(match.ratio <= 1.25)}`,
    `events   ${events.sent} sent with questions, ${events.acknowledged} acknowledged, ${events.refused} refused`,
    ...streams.map(
      ({ rows, bytes, ms: took, rssBefore, rssMax }) =>
        `CSV      ${rows} calls, ${mb(bytes)} in ${(took / 1_000).toFixed(1)} s; memory ${mb(rssBefore)} before, ${mb(rssMax)} at most`,
    ),
    `         match p99 meanwhile ${streamedP99} µs`,
  ]
  return `${lines.join('\n')}\n`
}
