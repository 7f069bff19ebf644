import { readOptions } from '../commandLine.ts'
import { measureClassifying } from './measure.ts'

/** `npm run classify-bench`: what it costs a gateway to say where a page view came from. */
const { values } = readOptions('npm run classify-bench -- [--short] [--json]', {
  options: { short: { type: 'boolean' }, json: { type: 'boolean' } },
})

const measured = await measureClassifying(values.short ? 200 : 3_000)
if (values.json) {
  process.stdout.write(`${JSON.stringify(measured)}\n`)
} else {
  const nanos = (value: number) => value.toFixed(0).padStart(6)
  const lines = measured.each.map(
    ({ url, referrer, p50Ns }) => `${nanos(p50Ns)}  ${url}  from ${referrer ?? 'nowhere'}`,
  )
  process.stdout.write(
    [
      'Nanoseconds of one page view: source, medium, channel, search phrase.',
      `${nanos(measured.p50Ns)}  the mix, median (p99 of batches ${measured.p99Ns.toFixed(0)})`,
      ...lines,
      '',
    ].join('\n'),
  )
}
