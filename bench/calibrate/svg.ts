/** Writes small pictures: axes, lines, points and words. */

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

export type Frame = Box & {
  readonly title: string
  readonly across: string
  readonly up: string
  /** What the axes reach, from 0: 1 is everything. */
  readonly most: { readonly x: number; readonly y: number }
}

const round = (value: number) => Math.round(value * 10) / 10
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

export function picture(title: string, width: number, height: number, parts: readonly string[]): string {
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`
  return [
    open,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

export function words(text: string, x: number, y: number, more = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" fill="#222" ${more}>${escaped(text)}</text>`
}

/** Where a share of each axis lies. */
export const place = ({ x, y, width, height, most }: Frame) => ({
  x: (share: number) => round(x + (share / most.x) * width),
  y: (share: number) => round(y + height - (share / most.y) * height),
})

/** A frame with its title, its axes and a line for each fifth. */
export function frame(of: Frame): string[] {
  const at = place(of)
  const parts = [
    words(of.title, of.x, of.y - 10, 'font-weight="bold"'),
    `<rect x="${of.x}" y="${of.y}" width="${of.width}" height="${of.height}" fill="none" stroke="#888"/>`,
    words(of.across, of.x + of.width / 2, of.y + of.height + 34, 'text-anchor="middle"'),
    words(
      of.up,
      0,
      0,
      `text-anchor="middle" transform="translate(${of.x - 40} ${of.y + of.height / 2}) rotate(-90)"`,
    ),
  ]
  for (let fifth = 0; fifth <= 5; fifth++) {
    const [x, y] = [(of.most.x * fifth) / 5, (of.most.y * fifth) / 5]
    parts.push(
      line(
        [
          [x, 0],
          [x, of.most.y],
        ],
        of,
        '#eee',
      ),
      line(
        [
          [0, y],
          [of.most.x, y],
        ],
        of,
        '#eee',
      ),
    )
    parts.push(words(percent(x), at.x(x), of.y + of.height + 16, 'text-anchor="middle"'))
    parts.push(words(percent(y), of.x - 6, at.y(y) + 4, 'text-anchor="end"'))
  }
  return parts
}

const percent = (share: number) => `${Math.round(share * 100)} %`

export function line(
  points: readonly (readonly [number, number])[],
  of: Frame,
  colour: string,
  more = '',
): string {
  const at = place(of)
  const path = points.map(([x, y]) => `${at.x(x)},${at.y(y)}`).join(' ')
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5" ${more}/>`
}

export function dot([x, y]: readonly [number, number], radius: number, of: Frame, colour: string): string {
  const at = place(of)
  return `<circle cx="${at.x(x)}" cy="${at.y(y)}" r="${round(radius)}" fill="${colour}" fill-opacity="0.85"/>`
}

export function bar(x: number, width: number, y: number, of: Frame, colour: string): string {
  const at = place(of)
  const high = round(of.y + of.height - at.y(y))
  return `<rect x="${at.x(x)}" y="${at.y(y)}" width="${round((width / of.most.x) * of.width)}" height="${high}" fill="${colour}"/>`
}
