import type { Compared } from './compare.ts'
import { binsMax, type Reliability } from './reliability.ts'
import { bar, dot, type Frame, frame, line, picture, place, words } from './svg.ts'

const [blue, grey, orange] = ['#1f5fa8', '#999', '#c2571a']

/** Confidence across, how often it was right up; on the dashed line the two are the same. A bar says how many answers there are. */
export function reliabilityPicture(all: readonly (readonly [name: string, of: Reliability])[]): string {
  const parts = all.flatMap(([name, of], at) => {
    const x = 70 + (at % 3) * 300
    const y = 40 + Math.floor(at / 3) * 310
    const title = `${name}: ${of.calls} calls, error ${of.error.toFixed(3)}`
    return panel(
      { x, y, width: 220, height: 220, title, across: 'confidence', up: 'right', most: { x: 1, y: 1 } },
      of,
    )
  })
  return picture(
    'Confidence beside how often the answer was right',
    960,
    40 + Math.ceil(all.length / 3) * 310,
    parts,
  )
}

function panel(of: Frame, { bins, calls }: Reliability): string[] {
  const most = Math.max(...bins.map(bin => bin.count))
  const shares = bins.map(bin => bar(bin.from, 1 / binsMax, (bin.count / most) * 0.25, of, '#dde6f0'))
  const points = bins.filter(bin => bin.count >= Math.max(10, calls / 1_000))
  return [
    ...frame(of),
    ...shares,
    line(
      [
        [0, 0],
        [1, 1],
      ],
      of,
      grey,
      'stroke-dasharray="5 4"',
    ),
    line(
      points.map(bin => [bin.confidence, bin.right]),
      of,
      blue,
    ),
    ...points.map(bin => dot([bin.confidence, bin.right], 3.5, of, blue)),
  ]
}

/** The share attributed across, the share of those wrong up. Further to the right and lower is better. */
export function comparedPicture(all: readonly Compared[]): string {
  const parts = all.flatMap((compared, at) => {
    const x = 70 + (at % 2) * 470
    const y = 50 + Math.floor(at / 2) * 370
    return comparedPanel(x, y, compared)
  })
  return picture(
    'Share of calls attributed, and of those wrong',
    940,
    40 + Math.ceil(all.length / 2) * 370,
    parts,
  )
}

function comparedPanel(x: number, y: number, { name, curve, peers, calls, numbers }: Compared): string[] {
  const highest = Math.max(...curve.map(({ wrong }) => wrong), ...peers.map(({ wrong }) => wrong))
  const most = { x: 1, y: Math.ceil(highest * 10 + 0.5) / 10 }
  const title = `${name}: ${calls} calls, ${numbers} numbers`
  const of: Frame = {
    x,
    y,
    width: 370,
    height: 270,
    title,
    across: 'share of calls attributed',
    up: 'of those wrong',
    most,
  }
  const holds = peers.filter(peer => peer.name.startsWith('hold'))
  return [
    ...frame(of),
    line(
      holds.map(({ attributed, wrong }) => [attributed, wrong]),
      of,
      orange,
      'stroke-dasharray="2 4"',
    ),
    ...peers.map(peer => dot([peer.attributed, peer.wrong], 4, of, orange)),
    ...labels(peers, of),
    line(
      curve.map(({ attributed, wrong }) => [attributed, wrong]),
      of,
      blue,
    ),
    words(
      'Ringtrail, by the confidence asked for',
      of.x + 10,
      of.y + 18,
      `font-size="11" style="fill:${blue}"`,
    ),
  ]
}

/** Names beside their points, none upon another. */
function labels(peers: Compared['peers'], of: Frame): string[] {
  const at = place(of)
  let lowest = 0
  return peers
    .toSorted((one, other) => other.wrong - one.wrong)
    .map(({ name, attributed, wrong }) => {
      lowest = Math.max(lowest + 13, at.y(wrong) - 4)
      return words(name, at.x(attributed) - 9, lowest, 'text-anchor="end" font-size="11"')
    })
}
