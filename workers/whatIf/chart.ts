import { formatDuration } from '../../config/durations.ts'
import type { Share } from './bootstrap.ts'
import type { Simulated } from './simulate.ts'

/** A picture of a simulation: for each tail and cool-down a line over the size of the pool, with its 95 % as a band. */

const width = 960
const panel = { left: 78, right: 250, top: 64, height: 230, gap: 84 }
const plotWidth = width - panel.left - panel.right
const colours = ['#1b6ca8', '#c8553d', '#3a7d44', '#8e5ea2', '#b8860b', '#4d4d4d', '#d1495b', '#00798c']

type Line = { readonly name: string; readonly colour: string; readonly rows: readonly Simulated[] }
type Panel = {
  readonly title: string
  readonly top: number
  readonly most: number
  readonly of: (row: Simulated) => Share | null
}

export function chart(pool: string, all: readonly Simulated[]): string {
  const rows = all.filter(row => row.pool === pool)
  const lines = linesOf(rows)
  const sizeMost = Math.max(1, ...rows.map(({ size }) => size))
  const panels: Panel[] = [
    panelOf('Visits without a number of their own (dashed: Erlang-B)', 0, rows, row => row.without),
    panelOf('Calls that go wrong or unknown, of those on record', 1, rows, row => row.error),
  ]
  const height = panel.top + 2 * panel.height + panel.gap + 62
  const drawn = panels.flatMap((one, place) => [
    ...frame(one, sizeMost, rows),
    ...lines.flatMap(line => [
      band(one, line, sizeMost),
      path(one, line, sizeMost),
      ...(place === 0 ? [erlangPath(one, line, sizeMost)] : []),
      ...marks(one, line, sizeMost),
    ]),
  ])
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(
      panel.left,
      28,
      `Pool ${escaped(pool)}: what other sizes and times would have done`,
      'font-size="17"',
    ),
    ...drawn,
    text(
      panel.left + plotWidth / 2,
      height - 14,
      'numbers in the pool (ring: as it is now)',
      'text-anchor="middle"',
    ),
    ...legend(lines),
    '</svg>',
    '',
  ].join('\n')
}

function linesOf(rows: readonly Simulated[]): Line[] {
  const named = Map.groupBy(
    rows,
    ({ tailMs, coolDownMs }) => `tail ${formatDuration(tailMs)}, cool-down ${formatDuration(coolDownMs)}`,
  )
  return [...named].map(([name, ours], place) => ({
    ...{ name, colour: colours[place % colours.length] as string },
    rows: [...ours].sort((one, other) => one.size - other.size),
  }))
}

function panelOf(title: string, place: number, rows: readonly Simulated[], of: Panel['of']): Panel {
  const values = rows.flatMap(row => {
    const share = of(row)
    return [share?.share ?? 0, share?.high ?? 0, place === 0 ? row.erlang.byHour : 0]
  })
  const most = roundedUp(Math.max(0.01, ...values))
  return { title, top: panel.top + place * (panel.height + panel.gap), most, of }
}

/** So that the axis ends at a plain figure. */
function roundedUp(share: number): number {
  return [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8].find(step => share <= step) ?? 1
}

const xOf = (size: number, sizeMost: number) => panel.left + (size / sizeMost) * plotWidth
const yOf = ({ top, most }: Panel, share: number) => top + panel.height * (1 - Math.min(share, most) / most)
const point = (x: number, y: number) => `${x.toFixed(1)},${y.toFixed(1)}`

function frame(one: Panel, sizeMost: number, rows: readonly Simulated[]): string[] {
  const { top, title, most } = one
  const bottom = top + panel.height
  const steps = [0, 0.25, 0.5, 0.75, 1].map(part => part * most)
  const sizes = sizesShown(
    [...new Set(rows.map(({ size }) => size))].sort((a, b) => a - b),
    sizeMost,
  )
  return [
    text(panel.left, top - 12, title, 'font-weight="bold"'),
    ...steps.flatMap(share => [
      `<line x1="${panel.left}" x2="${panel.left + plotWidth}" y1="${yOf(one, share)}" y2="${yOf(one, share)}" stroke="#ddd"/>`,
      text(panel.left - 8, yOf(one, share) + 4, `${Number((100 * share).toFixed(2))} %`, 'text-anchor="end"'),
    ]),
    `<line x1="${panel.left}" x2="${panel.left}" y1="${top}" y2="${bottom}" stroke="#888"/>`,
    ...sizes.map(size => text(xOf(size, sizeMost), bottom + 20, String(size), 'text-anchor="middle"')),
  ]
}

/** As many as there is room for, the largest among them. */
function sizesShown(sizes: readonly number[], sizeMost: number): number[] {
  const shown: number[] = []
  for (const size of [...sizes].reverse()) {
    const last = shown.at(-1)
    if (last === undefined || xOf(last, sizeMost) - xOf(size, sizeMost) >= 40) shown.push(size)
  }
  return shown
}

function band(one: Panel, { rows, colour }: Line, sizeMost: number): string {
  const known = rows.flatMap(row => {
    const share = one.of(row)
    return share === null || share.low === null || share.high === null
      ? []
      : [{ x: xOf(row.size, sizeMost), low: yOf(one, share.low), high: yOf(one, share.high) }]
  })
  const upper = known.map(({ x, high }) => point(x, high))
  const lower = known.map(({ x, low }) => point(x, low)).reverse()
  return `<polygon points="${[...upper, ...lower].join(' ')}" fill="${colour}" fill-opacity="0.15"/>`
}

function path(one: Panel, { rows, colour }: Line, sizeMost: number): string {
  const points = rows.map(row => point(xOf(row.size, sizeMost), yOf(one, one.of(row)?.share ?? 0)))
  return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`
}

function erlangPath(one: Panel, { rows, colour }: Line, sizeMost: number): string {
  const points = rows.map(row => point(xOf(row.size, sizeMost), yOf(one, row.erlang.byHour)))
  return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5" stroke-dasharray="5 4"/>`
}

function marks(one: Panel, { rows, colour }: Line, sizeMost: number): string[] {
  return rows.map(row => {
    const [x, y] = [xOf(row.size, sizeMost), yOf(one, one.of(row)?.share ?? 0)]
    const ring = `r="6" fill="#fff" stroke="${colour}" stroke-width="2.5"`
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" ${row.isInForce ? ring : `r="3.5" fill="${colour}"`}/>`
  })
}

function legend(lines: readonly Line[]): string[] {
  return lines.flatMap(({ name, colour }, place) => {
    const y = panel.top + 10 + place * 22
    const x = width - panel.right + 20
    return [
      `<line x1="${x}" x2="${x + 18}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="2"/>`,
      text(x + 24, y + 4, name),
    ]
  })
}

function text(x: number, y: number, says: string, more = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${says}</text>`
}

function escaped(says: string): string {
  return says.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
