import { drive, type Judged } from './drive.ts'
import { createOurs } from './ours.ts'
import { callrail } from './peers/callrail.ts'
import { delacon } from './peers/delacon.ts'
import { ninjacat } from './peers/ninjacat.ts'
import { roistat } from './peers/roistat.ts'
import { sharing } from './peers/sharing.ts'
import { trafficOf } from './people.ts'
import type { Shape } from './shape.ts'

/** Ways of lending numbers, told of the same people. */

/** Of all calls: which share was attributed; and of those: which was wrong. */
export type Point = { readonly attributed: number; readonly wrong: number }
export type Peer = Point & { readonly name: string; readonly oursThere: Point | null }

export type Compared = {
  readonly name: string
  readonly calls: number
  readonly visits: number
  readonly numbers: number
  /** The largest share of the numbers that a hold of 20 minutes has in use. */
  readonly peak: number
  /** All that is attributed, and what is left as the confidence that is asked for grows. */
  readonly ours: Point
  readonly curve: readonly Point[]
  readonly peers: readonly Peer[]
}

const peers = [roistat, delacon, callrail, ninjacat, sharing]

export function compare(shape: Shape): Compared {
  const traffic = trafficOf(shape)
  const ours = drive(traffic, createOurs(shape))
  const curve = curveOf(ours)
  const lenders = peers.map(create => create(shape.pool.size))
  const points = lenders.map(lender => {
    const point = pointOf(drive(traffic, lender))
    return {
      name: lender.name,
      ...point,
      oursThere: curve.find(one => one.attributed >= point.attributed) ?? null,
    }
  })
  const held = lenders[peers.indexOf(callrail)]
  return {
    name: shape.name,
    calls: ours.length,
    visits: traffic.visits,
    numbers: shape.pool.size,
    peak: held?.peak() ?? 0,
    ours: pointOf(ours),
    curve,
    peers: points,
  }
}

function pointOf(judged: readonly Judged[]): Point {
  const attributed = judged.filter(({ visitor }) => visitor !== null)
  const wrong = attributed.filter(({ isRight }) => !isRight)
  return {
    attributed: attributed.length / judged.length,
    wrong: wrong.length / Math.max(1, attributed.length),
  }
}

/** Surest first: a point for each confidence that is asked for. */
function curveOf(judged: readonly Judged[]): Point[] {
  const points: Point[] = []
  for (let asked = 1_000; asked >= 0; asked -= 5) {
    const point = pointOf(judged.map(one => (one.confidence >= asked ? one : { ...one, visitor: null })))
    if (point.attributed > (points.at(-1)?.attributed ?? 0)) points.push(point)
  }
  return points
}
