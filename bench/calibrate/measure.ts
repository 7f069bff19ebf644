import { type Compared, compare } from './compare.ts'
import { drive, type Judged } from './drive.ts'
import { createOurs } from './ours.ts'
import { trafficOf } from './people.ts'
import { named, type Reliability, reliabilityOf } from './reliability.ts'
import { scenarios } from './scenarios.ts'
import type { Shape } from './shape.ts'

/** What the confidences are worth on traffic that was not used to make them. */

export const kinds = ['exact', 'tail', 'cooldown', 'shared', 'returning'] as const

export type Calibration = {
  readonly overall: Reliability
  readonly byKind: readonly (readonly [kind: string, of: Reliability])[]
  readonly byShape: readonly (readonly [shape: string, of: Reliability])[]
}

export function calibrationOf(shapes: readonly Shape[]): Calibration {
  const told = shapes.map(shape => [shape.name, named(drive(trafficOf(shape), createOurs(shape)))] as const)
  const all = told.flatMap(([, judged]) => judged)
  const of = (kind: string) => all.filter((one: Judged) => one.kind === kind)
  return {
    overall: reliabilityOf(all),
    byKind: kinds.map(kind => [kind, reliabilityOf(of(kind))] as const),
    byShape: told.map(([name, judged]) => [name, reliabilityOf(judged)] as const),
  }
}

export function compareAll(): Compared[] {
  return scenarios.map(compare)
}
