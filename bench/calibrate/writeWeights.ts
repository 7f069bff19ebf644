import { writeFileSync } from 'node:fs'
import { drawnToCalibrate } from './drawn.ts'
import { likeliestWeights } from './fit.ts'
import { seenIn } from './seen.ts'
import { calibrationShapes } from './shapes.ts'
import { placesInAll, type TableName, tablesOf } from './tables.ts'

/** Makes core/weights.ts out of the traffic of the shapes to calibrate by. */

const file = new URL('../../core/weights.ts', import.meta.url)

export type Weights = Readonly<Record<TableName, readonly number[]>> & { readonly nameless: number }

/** With these it begins: of everybody nothing is known, and the last holder is a little likelier than nobody. */
export const plainWeights: Weights = {
  ...tablesOf(Array.from({ length: placesInAll }, () => 0)),
  nameless: 500,
}

/** The weights as the calls say when the core answers by those that it has now. */
export function weightsNow(): Weights {
  const made = tablesOf(likeliestWeights([...calibrationShapes, ...drawnToCalibrate()].flatMap(seenIn)))
  // Of one without a name only its number is known: as of one who left some while ago.
  return { ...made, nameless: made.quiet[5] as number }
}

export function writeWeights(weights: Weights): void {
  writeFileSync(file, weightsText(weights))
}

export function weightsText(weights: Weights): string {
  const rows = Object.entries(weights).map(([name, values]) => `  ${name}: ${JSON.stringify(values)},`)
  return [...head, ...rows, '} as const', ''].join('\n').replaceAll(/,(?=\d)/g, ', ')
}

const head = [
  '/**',
  ' * What speaks for whom, as `npm run calibrate` made it out of traffic with known truth (docs/accuracy.md): not to be changed',
  ' * by hand. Each table has a value for each place between its borders (weigh.ts). Those of `quiet`, `crowd` and `known` are',
  ' * weights, beside 1000 for somebody unknown; all others are factors in hundredths.',
  ' */',
  'export const weights = {',
]
