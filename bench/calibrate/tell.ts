import type { Compared } from './compare.ts'
import type { Calibration } from './measure.ts'
import type { Reliability } from './reliability.ts'

/** The figures as tables, for docs/accuracy.md. */

const share = (value: number) => `${(value * 100).toFixed(1)} %`

export function reliabilityTable({ overall, byKind, byShape }: Calibration): string {
  const row = (name: string, { calls, confidence, right, error }: Reliability) =>
    `| ${name} | ${calls} | ${confidence.toFixed(3)} | ${right.toFixed(3)} | ${error.toFixed(4)} |`
  return [
    '| | answers | mean confidence | right | expected calibration error |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('**all**', overall),
    ...byKind.map(([name, of]) => row(`\`${name}\``, of)),
    ...byShape.map(([name, of]) => row(name, of)),
  ].join('\n')
}

export function comparedTable(all: readonly Compared[]): string {
  const rows = all.flatMap(({ name, numbers, calls, peak, ours, peers }) => [
    `| **${name}**: ${calls} calls, ${numbers} numbers, at most ${share(peak)} of them in use | | | | |`,
    `| Ringtrail, every answer | ${share(ours.attributed)} | ${share(ours.wrong)} | | |`,
    ...peers.map(
      ({ name: peer, attributed, wrong, oursThere }) =>
        `| ${peer} | ${share(attributed)} | ${share(wrong)} | ${
          oursThere === null ? '– | –' : `${share(oursThere.attributed)} | **${share(oursThere.wrong)}**`
        } |`,
    ),
  ])
  return [
    '| | attributed | of those wrong | Ringtrail, where it attributes as many | of those wrong |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n')
}

/** Puts a table between its two marks. */
export function put(text: string, name: string, table: string): string {
  const [open, close] = [`<!-- ${name}: npm run accuracy -->`, `<!-- end of ${name} -->`]
  const [from, until] = [text.indexOf(open), text.indexOf(close)]
  if (from < 0 || until < from) throw new Error(`docs/accuracy.md has no place for ${name}`)
  return `${text.slice(0, from)}${open}\n${table}\n${text.slice(until)}`
}
